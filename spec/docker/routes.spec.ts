import { expect, it } from 'vitest';
import { parseRoutes } from '../../src/docker/routes.ts';
import { formatSubnet } from '../../src/docker/subnets.ts';

const TABLE = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT                                                       
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0                                                                               
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0                                                                            
tun0	0000530A	00000000	0001	0	0	0	00C0FFFF	0	0	0                                                                            
lo	0101630A	00000000	0005	0	0	0	FFFFFFFF	0	0	0                                                                              
`;

it("reads the host's routes from Linux's table", () => {
  expect(parseRoutes(TABLE).map(formatSubnet)).toEqual(['0.0.0.0/0', '172.17.0.0/16', '10.83.0.0/18', '10.99.1.1/32']);
});

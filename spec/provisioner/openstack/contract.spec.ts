import { openstackContract } from '../../contract/openstack.ts';
import { openFakeCloud } from './support.ts';

openstackContract('a fake cloud', async () => {
  const { cloud, time } = await openFakeCloud();
  return { env: cloud.env, clock: time.clock, run: time.run };
});

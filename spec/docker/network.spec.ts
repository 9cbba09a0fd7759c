import { describe, expect, it } from 'vitest';
import { ensureNetwork, parseNetworkRange, removeNetwork } from '../../src/docker/network.ts';
import { type Answers, type FakeEngine, fakeEngine, send } from './fake-engine.ts';

const never = new AbortController().signal;
const labels = { 'alfred.server': 'me', 'alfred.job': 'j', 'alfred.index': '0' };
const request = { name: 'alfred-j-t', labels, containers: 2 };
const range = parseNetworkRange('10.83.0.0/16');

type Network = { readonly Id: string; readonly Name: string; readonly Labels?: object; readonly subnet: string };

/** An engine with these networks, which refuses subnets that `isTaken` knows of. */
const withNetworks = (networks: Network[], isTaken: (subnet: string) => boolean = () => false): Answers => ({
  'GET /networks': answer =>
    send(
      answer,
      200,
      networks.map(({ subnet, ...network }) => ({ ...network, IPAM: { Config: [{ Subnet: subnet }] } })),
    ),
  'POST /networks/create': (answer, { body }) => {
    const { Name, Labels, IPAM } = body as { Name: string; Labels: object; IPAM: { Config: { Subnet: string }[] } };
    const subnet = IPAM.Config[0]?.Subnet ?? '';
    if (isTaken(subnet)) return send(answer, 403, { message: 'Pool overlaps with other one on this address space' });
    networks.push({ Id: `id-of-${Name}`, Name, Labels, subnet });
    send(answer, 201, { Id: `id-of-${Name}` });
  },
});

const thirdOctet = (subnet = ''): number => Number(subnet.split('.')[2]);

const creates = ({ asked }: FakeEngine): number => asked.filter(line => line === 'POST /networks/create').length;

describe("a task's network", () => {
  it('gets a subnet of the range that no other network has', async () => {
    const networks: Network[] = [{ Id: 'o', Name: 'other', subnet: '10.83.0.0/28' }];
    await using fake = await fakeEngine(withNetworks(networks));
    expect(await ensureNetwork(fake.engine, parseNetworkRange('10.83.0.0/27'), request, never)).toBe('id-of-alfred-j-t');
    expect(networks[1]).toMatchObject({ Name: 'alfred-j-t', Labels: labels, subnet: '10.83.0.16/28' });
  });

  it('is found again', async () => {
    const networks: Network[] = [{ Id: 'own', Name: 'alfred-j-t', Labels: labels, subnet: '10.83.0.0/28' }];
    await using fake = await fakeEngine(withNetworks(networks));
    expect(await ensureNetwork(fake.engine, range, request, never)).toBe('own');
    expect(creates(fake)).toBe(0);
  });

  it('is the one that its containers were made for, where an engine made two', async () => {
    const twin = (Id: string): Network => ({ Id, Name: 'alfred-j-t', Labels: labels, subnet: '10.83.0.0/28' });
    await using fake = await fakeEngine({
      ...withNetworks([twin('late'), twin('first')]),
      'GET /containers/json': answer => send(answer, 200, [{ Id: 'c', HostConfig: { NetworkMode: 'first' } }]),
    });
    expect(await ensureNetwork(fake.engine, range, request, never)).toBe('first');
  });

  it('finds its way around what is in the way and in no list, however big', async () => {
    const networks: Network[] = [];
    await using fake = await fakeEngine(withNetworks(networks, subnet => thirdOctet(subnet) < 64));
    await ensureNetwork(fake.engine, range, request, never);
    expect(thirdOctet(networks[0]?.subnet)).toBeGreaterThanOrEqual(64);
  });

  it('can not be had when the engine refuses every subnet: the error names the range and the flag', async () => {
    await using fake = await fakeEngine(withNetworks([], () => true));
    await expect(ensureNetwork(fake.engine, range, request, never)).rejects.toThrow(
      /refused 16 subnets of 10\.83\.0\.0\/16.*--network-range/,
    );
  });

  it('does not take the subnet of another that is made at the same time', async () => {
    const networks: Network[] = [];
    await using fake = await fakeEngine(withNetworks(networks));
    const others = Array.from({ length: 8 }, (_, index) => ({
      ...request,
      name: `alfred-${index}`,
      labels: { index: String(index) },
    }));
    await Promise.all(others.map(other => ensureNetwork(fake.engine, range, other, never)));
    expect(new Set(networks.map(({ subnet }) => subnet)).size).toBe(8);
    expect(creates(fake)).toBe(8);
  });

  it('lies where the host routes nothing; a route to more than the range says nothing', async () => {
    const networks: Network[] = [];
    await using fake = await fakeEngine(withNetworks(networks));
    const routes = ['10.0.0.0/8', '10.83.0.0/17', '0.0.0.0/0'].map(text => parseNetworkRange(text).subnet);
    await ensureNetwork({ ...fake.engine, hostRoutes: async () => routes }, range, request, never);
    expect(thirdOctet(networks[0]?.subnet)).toBeGreaterThanOrEqual(128);
  });

  it('can not be had when the range is used up: the error names the range and the flag', async () => {
    await using fake = await fakeEngine(withNetworks([{ Id: 'o', Name: 'other', subnet: '10.83.0.0/28' }]));
    await expect(ensureNetwork(fake.engine, parseNetworkRange('10.83.0.0/28'), request, never)).rejects.toThrow(
      'no free /28 subnet is left in 10.83.0.0/28: give the server other addresses with --network-range',
    );
  });

  it("is not another's of the same name", async () => {
    await using fake = await fakeEngine(withNetworks([{ Id: 'o', Name: 'alfred-j-t', subnet: '10.83.0.0/28' }]));
    await expect(ensureNetwork(fake.engine, range, request, never)).rejects.toThrow('network name alfred-j-t is taken');
  });

  it('is removed once whoever is still in it has been thrown out', async () => {
    const inIt = new Set(['late-container']);
    await using fake = await fakeEngine({
      'DELETE /networks/n': answer =>
        inIt.size > 0
          ? send(answer, 403, { message: 'error while removing network: n has active endpoints' })
          : send(answer, 204),
      'GET /networks/n': answer => send(answer, 200, { Containers: Object.fromEntries(Array.from(inIt, id => [id, {}])) }),
      'POST /networks/n/disconnect': (answer, { body }) => {
        expect(body).toEqual({ Container: 'late-container', Force: true });
        inIt.clear();
        send(answer, 200);
      },
    });
    await removeNetwork(fake.engine, 'n');
    expect(fake.asked.at(-1)).toBe('DELETE /networks/n');
  });
});

it.each(['', 'ten', '10.83.0.0', 'fd00::/8'])('refuses the network range %j', text => {
  expect(() => parseNetworkRange(text)).toThrow(`--network-range ${text}: give IPv4 addresses like 10.83.0.0/16`);
});

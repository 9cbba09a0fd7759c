import { describe, expect, it } from 'vitest';
import { readCloudConfig } from '../../../src/provisioner/openstack/cloud-config.ts';
import { createSend } from '../../../src/provisioner/openstack/http.ts';
import { createNova, type Nova } from '../../../src/provisioner/openstack/nova.ts';
import { createSession } from '../../../src/provisioner/openstack/session.ts';
import { silentLog } from '../../rpc/silent-log.ts';
import { openFakeCloud } from './support.ts';

const never = new AbortController().signal;
const HOUR_MS = 3_600_000;
const FLAVORS = [
  { id: '1', name: 'small' },
  { id: '2', name: 'medium' },
];
const NEW_SERVER = {
  name: 'x',
  flavorId: '2',
  imageId: 'none',
  networkIds: [],
  securityGroups: [],
  serverGroupId: null,
  keyName: 'none',
  metadata: {},
};

const open = async (env: Readonly<Record<string, string>> = {}) => {
  const { cloud, time } = await openFakeCloud();
  const session = createSession({
    config: readCloudConfig({ ...cloud.env, ...env }),
    send: createSend({ clock: time.clock, log: silentLog }),
    clock: time.clock,
  });
  const nova: Nova = createNova(session);
  const since = time.clock.now();
  return { cloud, time, nova, flavors: () => time.run(nova.listFlavors(never)), tookMs: () => time.clock.now() - since };
};

describe('who asks an OpenStack cloud', () => {
  it('gets one token for all requests, also for those that come at the same time', async () => {
    const { cloud, time, nova, flavors } = await open();
    await time.run(Promise.all([nova.listFlavors(never), nova.listServers(never), nova.listFlavors(never)]));
    await flavors();
    expect(cloud.logins).toHaveLength(1);
  });

  it('gets a new token before the old one expires', async () => {
    const { cloud, time, flavors } = await open();
    await flavors();
    await time.advance(HOUR_MS - 60_000);
    await flavors();
    expect(cloud.logins).toHaveLength(2);
    expect(cloud.asked.filter(line => line.includes('/flavors'))).toHaveLength(2);
  });

  it('gets one new token when the old one is taken no more, however many requests find out', async () => {
    const { cloud, time, nova, flavors } = await open();
    await flavors();
    cloud.revokeTokens();
    const [first, second] = await time.run(Promise.all([nova.listFlavors(never), nova.listFlavors(never)]));
    expect([first, second]).toEqual([FLAVORS, FLAVORS]);
    expect(cloud.logins).toHaveLength(2);
  });

  it('gives up when the new token is not taken either', async () => {
    const { cloud, flavors } = await open();
    const unauthorized = () => ({ status: 401, body: { error: { code: 401, message: 'no' } } });
    cloud.fail('GET /v2.1/flavors', unauthorized, unauthorized, unauthorized);
    await expect(flavors()).rejects.toThrow('GET /v2.1/flavors: 401 no');
    expect(cloud.logins).toHaveLength(2);
  });

  it('is told which variables to check when Keystone does not let it in', async () => {
    const { flavors } = await open({ OS_PASSWORD: 'wrong' });
    await expect(flavors()).rejects.toThrow(
      /^Keystone does not let user alfred in: check OS_USERNAME, OS_PASSWORD, .+ \(POST \/v3\/auth\/tokens: 401 The request you have made requires authentication. \(req-/,
    );
  });

  it('is told which regions and interfaces there are', async () => {
    await expect((await open({ OS_REGION_NAME: 'RegionTwo' })).flavors()).rejects.toThrow(
      'OS_REGION_NAME: there is no compute service in region RegionTwo; it is in: RegionOne',
    );
    await expect((await open({ OS_INTERFACE: 'admin' })).flavors()).rejects.toThrow(
      'OS_INTERFACE: the compute service has no admin address; it has: internal, public',
    );
  });

  it.for([
    ['seconds', () => '17'],
    ['a date', (now: number) => new Date(now + 17_000).toUTCString()],
  ] as const)('waits as long as it is asked to, in %s, also with what must not be sent twice', async ([, header]) => {
    const { cloud, time, nova, tookMs } = await open();
    cloud.fail(
      'POST /v2.1/servers',
      () => ({ status: 429, headers: { 'retry-after': header(time.clock.now()) } }),
      () => ({ status: 202, body: { server: { id: '7' } } }),
    );
    expect(await time.run(nova.createServer(NEW_SERVER, never))).toBe('7');
    expect(tookMs()).toBeGreaterThanOrEqual(17_000);
    expect(tookMs()).toBeLessThan(18_000);
  });

  it('asks again when the cloud breaks, and when its answer is garbage or does not come', async () => {
    const { cloud, flavors } = await open();
    cloud.fail(
      'GET /v2.1/flavors',
      () => ({ status: 500, body: {} }),
      () => ({ raw: '<html>hello</html>' }),
      () => 'cut',
    );
    expect(await flavors()).toEqual(FLAVORS);
  });

  it('says what the cloud answered when it goes on like that, and how to find the request in its logs', async () => {
    const { cloud, flavors } = await open();
    const broken = () => ({
      status: 502,
      body: { computeFault: { code: 502, message: 'no conductor' } },
      headers: { 'x-openstack-request-id': 'req-7' },
    });
    cloud.fail('GET /v2.1/flavors', ...Array.from({ length: 100 }, () => broken));
    await expect(flavors()).rejects.toThrow(/^GET \/v2.1\/flavors: 502 no conductor \(req-7\)$/);
  });

  it('does not send twice what may have been done', async () => {
    const { cloud, time, nova } = await open();
    cloud.fail('POST /v2.1/servers', () => ({ status: 504, body: {} }));
    await expect(time.run(nova.createServer(NEW_SERVER, never))).rejects.toMatchObject({ status: 504, fate: 'unknown' });
    expect(cloud.asked.filter(line => line === 'POST /v2.1/servers')).toHaveLength(1);
  });

  it('outlasts an API that is down for 20 seconds', async () => {
    const { cloud, time, flavors, tookMs } = await open();
    await cloud.goDown();
    time.in(20_000, cloud.comeUp);
    expect(await flavors()).toEqual(FLAVORS);
    expect(tookMs()).toBeGreaterThanOrEqual(20_000);
    expect(tookMs()).toBeLessThan(31_000);
  });

  it('says that nobody is there when an API stays down', async () => {
    const { cloud, flavors } = await open();
    await cloud.goDown();
    await expect(flavors()).rejects.toThrow(/^POST \/v3\/auth\/tokens: no connection to 127.0.0.1:\d+ \(ECONNREFUSED\)$/);
  });

  it('stops waiting at once when it is cancelled', async () => {
    const { cloud, time, nova } = await open();
    await cloud.goDown();
    const cancel = new AbortController();
    time.in(3_000, () => cancel.abort(new Error('enough')));
    await expect(time.run(nova.listFlavors(cancel.signal))).rejects.toThrow('enough');
  });

  it('reads every page of a list, whatever host the links name', async () => {
    const { cloud, time, nova } = await open();
    cloud.pageSize = 2;
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      cloud.servers.set(name, {
        id: name,
        name,
        metadata: {},
        key_name: 'mine',
        created: '',
        request: {},
        status: 'ACTIVE',
        taskState: null,
        addresses: {},
        console: '',
        looksLeft: 0,
      });
    }
    expect((await time.run(nova.listServers(never))).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('follows no redirection, which would take the token along', async () => {
    const { cloud, flavors } = await open();
    cloud.fail('GET /v2.1/flavors', () => ({ status: 302, headers: { location: 'http://elsewhere.invalid/' } }));
    await expect(flavors()).rejects.toThrow('GET /v2.1/flavors: 302 sends elsewhere: http://elsewhere.invalid/');
  });

  it("takes Nova's word that a server is gone, and not a proxy's", async () => {
    const { cloud, time, nova } = await open();
    expect(await time.run(nova.findServer('nobody', never))).toBeNull();
    cloud.fail('GET /v2.1/servers/nobody', () => ({
      status: 404,
      headers: { 'x-openstack-request-id': '' },
      body: 'default backend',
    }));
    await expect(time.run(nova.findServer('nobody', never))).rejects.toThrow('404');
  });
});

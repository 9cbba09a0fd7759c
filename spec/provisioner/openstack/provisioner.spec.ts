import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../src/domain/names.ts';
import { NodeGoneError } from '../../../src/engine/ports.ts';
import { NODE } from '../../contract/openstack.ts';
import { newHostKey } from '../../support/fake-connection.ts';
import { becomeActive, becomeError } from '../../support/fake-openstack.ts';
import { openFakeStage } from './support.ts';

const never = new AbortController().signal;

const fail = (message: string) => () => {
  throw new Error(message);
};

describe('a server that is asked for', () => {
  it('is made once though the answer was lost', async () => {
    const { cloud, run, start, servers } = await openFakeStage();
    cloud.fail('POST /v2.1/servers', answer => {
      answer();
      return 'cut';
    });
    await run(start().provision(NODE, never));
    expect(await servers()).toHaveLength(1);
    expect(cloud.asked.filter(line => line === 'POST /v2.1/servers')).toHaveLength(1);
  });

  it('is asked for again when the cloud broke before it made one', async () => {
    const { cloud, run, start, servers } = await openFakeStage();
    cloud.fail(
      'POST /v2.1/servers',
      () => ({ status: 500, body: {} }),
      () => ({ status: 502, body: {} }),
    );
    await run(start().provision(NODE, never));
    expect(await servers()).toHaveLength(1);
  });

  it('is what the options say, and says whose it is', async () => {
    const { cloud, run, start, instance } = await openFakeStage();
    await run(start({ flavor: 'medium', serverGroup: 'apart', securityGroups: ['default'] }).provision(NODE, never));
    const [server] = cloud.servers.values();
    expect(server?.request).toMatchObject({
      server: { name: 'alfred-node-1', flavorRef: '2', security_groups: [{ name: 'default' }], key_name: `alfred-${instance}` },
      'os:scheduler_hints': { group: expect.any(String) },
    });
    expect(server?.metadata).toEqual({
      'alfred-provisioner': expect.stringMatching(new RegExp(`^${instance}@.`)),
      'alfred-node': 'node-1',
      'alfred-provisioned-at': expect.stringMatching(/^2026-01-01T/),
    });
  });

  it('comes in place of what an earlier attempt left broken', async () => {
    const { cloud, run, start, servers } = await openFakeStage();
    cloud.onCreate = becomeError('disk on fire');
    // The attempt of a server that crashed: its clean-up is cut off.
    const crashed = start();
    crashed.activity$.subscribe(({ activity }) => activity === 'booting' && crashed.close());
    await expect(run(crashed.provision(NODE, never))).rejects.toThrow();
    for (const server of cloud.servers.values()) becomeError('disk on fire')(server);
    cloud.onCreate = becomeActive;
    await run(start().provision(NODE, never));
    expect(await servers()).toHaveLength(1);
  });

  it('goes though its provisioning is cancelled while the cloud is making it', async () => {
    const { cloud, run, start, servers } = await openFakeStage();
    const cancel = new AbortController();
    const made = Promise.withResolvers<void>();
    cloud.fail('POST /v2.1/servers', async answer => {
      cancel.abort();
      // Time enough to find nothing, for whoever does not wait for the answer.
      await delay(200);
      made.resolve();
      return answer();
    });
    await expect(run(start().provision(NODE, cancel.signal))).rejects.toThrow('the provisioning was cancelled');
    await made.promise;
    expect(await servers()).toEqual([]);
    expect(cloud.asked).toContainEqual(expect.stringMatching(/^DELETE \/v2.1\/servers\//));
  });

  it('is had though another one is cancelled while both wait for the same answers', async () => {
    const { cloud, run, start } = await openFakeStage();
    const alfred = start();
    const cancel = new AbortController();
    cloud.fail('GET /v2.1/flavors', answer => {
      cancel.abort();
      return answer();
    });
    const cancelled = alfred.provision('node-2' as NodeId, cancel.signal);
    const [first, second] = await run(Promise.allSettled([cancelled, alfred.provision(NODE, never)]));
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
    expect([...cloud.servers.values()].map(({ name }) => name)).toEqual(['alfred-node-1']);
  });

  it('outlasts an API that is away for 20 seconds while it boots', async () => {
    const { cloud, time, run, start, servers } = await openFakeStage();
    const alfred = start();
    alfred.activity$.subscribe(({ activity }) => {
      if (activity !== 'booting') return;
      void cloud.goDown();
      time.in(20_000, cloud.comeUp);
    });
    await run(alfred.provision(NODE, never));
    expect(await servers()).toHaveLength(1);
  });
});

describe('a node that can not be had says why, and leaves no server', () => {
  it('a quota', async () => {
    const { cloud, run, start, servers } = await openFakeStage();
    cloud.instanceQuota = 0;
    await expect(run(start().provision(NODE, never))).rejects.toThrow(/^quota exceeded: instances 0 of 0$/);
    expect(await servers()).toEqual([]);
  });

  it('a quota that the flavor is too large for', async () => {
    const { cloud, run, start } = await openFakeStage();
    const message = 'Quota exceeded for cores, ram: Requested 4, 2048, but already used 18, 51200 of 20, 51200 cores, ram';
    cloud.fail('POST /v2.1/servers', () => ({ status: 403, body: { forbidden: { code: 403, message } } }));
    await expect(run(start().provision(NODE, never))).rejects.toThrow(
      /^quota exceeded: cores 18 of 20 \(4 more wanted\), ram 51200 of 51200$/,
    );
  });

  it("Nova's fault", async () => {
    const { cloud, run, start, servers } = await openFakeStage();
    cloud.onCreate = becomeError('No valid host was found. There are not enough hosts available.');
    await expect(run(start().provision(NODE, never))).rejects.toThrow(
      /^server alfred-node-1 \(.+\) failed to boot: No valid host was found. There are not enough hosts available.$/,
    );
    expect(await servers()).toEqual([]);
  });

  it('a server that never becomes active', async () => {
    const { cloud, run, start, servers } = await openFakeStage();
    cloud.onCreate = () => undefined;
    await expect(run(start().provision(NODE, never))).rejects.toThrow(/did not become active in 120 s \(BUILD, spawning\)$/);
    expect(await servers()).toEqual([]);
  });

  it('no IPv4 address', async () => {
    const { cloud, run, start, servers } = await openFakeStage();
    cloud.onCreate = server => {
      becomeActive(server);
      server.addresses = { private: [{ version: 6, addr: 'fd00::7', 'OS-EXT-IPS:type': 'fixed' }] };
    };
    await expect(run(start().provision(NODE, never))).rejects.toThrow(
      /got no IPv4 address in 120 s: it has fd00::7 \(private\); name a network with IPv4 in --openstack-networks$/,
    );
    expect(await servers()).toEqual([]);
  });

  it('ssh that never answers, with the end of the console', async () => {
    const { cloud, time, run, start, hosts, servers } = await openFakeStage();
    const since = time.clock.now();
    hosts.onOpen = fail('ssh debian@10.77.0.11: no answer');
    cloud.onCreate = server => {
      becomeActive(server);
      server.console = 'one\n\u001b[1mtwo\u001b[0m\r\n\nthree\nKernel panic - not syncing: VFS\n';
    };
    await expect(run(start().provision(NODE, never))).rejects.toThrow(
      /booted, but ssh does not answer: ssh debian@10.77.0.11: no answer; its console ends with: two \| three \| Kernel panic - not syncing: VFS$/,
    );
    // Two minutes, and two more for what the console said; not all five.
    expect(time.clock.now() - since).toBeLessThan(270_000);
    expect(await servers()).toEqual([]);
  });

  it('Docker that never answers', async () => {
    const { run, start, hosts, servers } = await openFakeStage();
    hosts.onDial = fail('nothing listens on /var/run/docker.sock');
    await expect(run(start().provision(NODE, never))).rejects.toThrow(
      /booted, but Docker does not answer: nothing listens on \/var\/run\/docker.sock; its console says nothing$/,
    );
    expect(await servers()).toEqual([]);
  });

  it('a server that will not go is said to be there still, and swept up when it does', async () => {
    const { cloud, run, start, hosts, servers } = await openFakeStage();
    hosts.onOpen = fail('no answer');
    const busy = () => ({ status: 409, body: { conflictingRequest: { code: 409, message: 'Instance is locked' } } });
    cloud.fail('DELETE /v2.1/servers', ...Array.from({ length: 200 }, () => busy));
    const alfred = start();
    await expect(run(alfred.provision(NODE, never))).rejects.toThrow(
      /; its server could not be deleted yet \(server alfred-node-1 \(.+\) is still there 120 s after it was told to go \(ACTIVE\)\), which is tried again every minute$/,
    );
    expect(await servers()).toHaveLength(1);
    await run(alfred.sweep(new Set()));
    await run(alfred.sweep(new Set()));
    expect(await servers()).toEqual([]);
  });

  it('a console that goes on saying things is a machine that boots', async () => {
    const { cloud, time, run, start, hosts, servers } = await openFakeStage();
    hosts.onOpen = fail('no answer');
    cloud.onCreate = server => {
      becomeActive(server);
      time.in(100_000, () => {
        server.console = 'still here';
      });
      time.in(200_000, () => {
        hosts.onOpen = () => undefined;
      });
    };
    await run(start().provision(NODE, never));
    expect(await servers()).toHaveLength(1);
  });
});

describe('a node that is online', () => {
  const online = async () => {
    const stage = await openFakeStage();
    const alfred = stage.start();
    await stage.run(alfred.provision(NODE, never));
    const [server] = stage.cloud.servers.values();
    if (server === undefined) throw new Error('there is no server');
    return { ...stage, alfred, server };
  };

  it('is lost when somebody deletes its server, and all that waits for it learns why', async () => {
    const { cloud, time, news, alfred, hosts } = await online();
    cloud.servers.clear();
    await time.advance(61_000);
    expect(news).toEqual([{ type: 'lost', nodeId: NODE, why: 'server alfred-node-1 was deleted by someone' }]);
    expect(hosts.connections[0]?.isOver()).toBe(true);
    await expect(alfred.hostOf(NODE).run('true', never)).rejects.toThrow(NodeGoneError);
  });

  it('is unreachable, not lost, while only its connection is', async () => {
    const { time, news, hosts } = await online();
    hosts.connections[0]?.lose();
    await time.advance(600_000);
    expect(news).toEqual([{ type: 'unreachable', nodeId: NODE, why: 'the line was cut' }]);
  });

  it('is neither when the API is away, or a proxy in front of it answers in its place', async () => {
    const { cloud, time, news } = await online();
    const proxy = () => ({ status: 404, body: { message: 'no backend' }, headers: { 'x-openstack-request-id': '' } });
    cloud.fail('GET /v2.1/servers/', proxy, proxy);
    await time.advance(130_000);
    await cloud.goDown();
    await time.advance(600_000);
    expect(news).toEqual([]);
  });

  it.for([
    ['SHUTOFF', 'server alfred-node-1 was shut off by someone, and with it what ran there'],
    ['ERROR', 'server alfred-node-1 is in state ERROR: host on fire'],
  ] as const)('is lost when its server is in %s and does not answer, at once', async ([status, why]) => {
    const { time, news, hosts, server } = await online();
    becomeError('host on fire')(server);
    server.status = status;
    await time.advance(200_000);
    expect(news).toEqual([]);
    hosts.connections[0]?.lose();
    await time.advance(6_000);
    expect(news.at(-1)).toEqual({ type: 'lost', nodeId: NODE, why });
  });

  it('keeps server and key when the sweep asks the cloud for so long that it came online meanwhile', async () => {
    const { cloud, run, alfred, server, instance } = await online();
    expect(await run(alfred.sweep(new Set()))).toEqual([]);
    expect([...cloud.servers.keys()]).toEqual([server.id]);
    expect(cloud.keypairs.has(`alfred-${instance}`)).toBe(true);
  });

  it('keeps its key while the sweep deletes the server of another', async () => {
    const { cloud, run, alfred, server, instance } = await online();
    cloud.servers.clear();
    cloud.servers.set('old', { ...server, id: 'old', metadata: { ...server.metadata, 'alfred-node': 'node-0' } });
    expect(await run(alfred.sweep(new Set()))).toEqual(['server alfred-node-1 (old)']);
    expect(cloud.keypairs.has(`alfred-${instance}`)).toBe(true);
  });

  it('loses a second server that a late answer brought, and keeps its own', async () => {
    const { cloud, run, alfred, server } = await online();
    cloud.servers.set('late', { ...server, id: 'late' });
    expect(await run(alfred.sweep(new Set([NODE])))).toEqual(['server alfred-node-1 (late)']);
    expect([...cloud.servers.keys()]).toEqual([server.id]);
  });

  it('is reached again after a restart though the API is down', async () => {
    const { cloud, run, start, alfred, hosts, server } = await online();
    alfred.close();
    await cloud.goDown();
    const next = start();
    await run(next.connect(NODE));
    expect(hosts.connections.at(-1)?.options.target.host).toBe(hosts.connections[0]?.options.target.host);
    await cloud.comeUp();
    expect([...cloud.servers.keys()]).toEqual([server.id]);
  });

  it('makes who asks something of it wait while it is looked for after a restart', async () => {
    const { run, start, alfred, hosts } = await online();
    alfred.close();
    const next = start();
    const connected = next.connect(NODE);
    const dialled = next.hostOf(NODE).dialDocker();
    await run(connected);
    await expect(dialled).resolves.toBeDefined();
    expect(hosts.connections).toHaveLength(2);
  });

  it('is never taken for another server: its host key is pinned over a restart', async () => {
    const { run, start, alfred, hosts } = await online();
    alfred.close();
    const known = hosts.hostKey;
    hosts.hostKey = newHostKey();
    const next = start();
    await expect(run(next.connect(NODE))).rejects.toThrow(
      `the host key of server alfred-node-1 changed from ${known.fingerprint} to ${hosts.hostKey.fingerprint}`,
    );
    hosts.hostKey = known;
    await run(next.connect(NODE));
  });

  it('is terminated for good while the API stumbles', async () => {
    const { cloud, run, alfred, servers } = await online();
    cloud.fail(
      'DELETE /v2.1/servers',
      () => 'cut',
      () => ({ status: 500, body: {} }),
      () => ({ status: 409, body: {} }),
    );
    await run(alfred.terminate(NODE));
    expect(await servers()).toEqual([]);
  });
});

describe("a server's host key", () => {
  const FRAME = 'SSH HOST KEY FINGERPRINTS-----';
  const consoleOf = (fingerprint: string): string =>
    `ci-info: no authorized keys\n<14>ec2: -----BEGIN ${FRAME}\n<14>ec2: 256 ${fingerprint} root@x (ED25519)\n<14>ec2: -----END ${FRAME}\n`;

  it('is the one that its console shows', async () => {
    const { cloud, run, start, hosts } = await openFakeStage();
    cloud.onCreate = server => {
      becomeActive(server);
      server.console = consoleOf(hosts.hostKey.fingerprint);
    };
    await run(start().provision(NODE, never));
  });

  it('is nobody else who answers, also when the console shows it only later', async () => {
    const { cloud, run, start, hosts, servers } = await openFakeStage();
    hosts.onDial = () => {
      for (const server of cloud.servers.values()) server.console = consoleOf(newHostKey().fingerprint);
    };
    await expect(run(start().provision(NODE, never))).rejects.toThrow(
      /shows the host key SHA256:.+, and another one on its console: who answers is somebody else$/,
    );
    expect(await servers()).toEqual([]);
  });
});

describe('the keypair', () => {
  it('is made anew when its private half was lost', async () => {
    const { cloud, run, start, instance } = await openFakeStage();
    cloud.keypairs.set(`alfred-${instance}`, 'ssh-ed25519 AAAAold');
    await run(start().provision(NODE, never));
    expect(cloud.keypairs.get(`alfred-${instance}`)).not.toContain('AAAAold');
  });

  it('is there once though the answer to its making was lost', async () => {
    const { cloud, run, start, instance } = await openFakeStage();
    cloud.fail('POST /v2.1/os-keypairs', answer => {
      answer();
      return 'cut';
    });
    await run(start().provision(NODE, never));
    expect([...cloud.keypairs.keys()]).toEqual([`alfred-${instance}`]);
  });

  it('stays while a node is being made, whatever the sweep knows of it', async () => {
    const { cloud, run, start, instance } = await openFakeStage();
    const alfred = start();
    const swept: Promise<readonly string[]>[] = [];
    alfred.activity$.subscribe(() => swept.push(alfred.sweep(new Set())));
    await run(alfred.provision(NODE, never));
    expect((await run(Promise.all(swept.slice(0, -1)))).flat()).toEqual([]);
    expect(cloud.keypairs.has(`alfred-${instance}`)).toBe(true);
  });
});

/** What the nodes of every OpenStack cloud do, a fake one and real ones. ssh is replaced: what is in a server is not the subject. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { NodeId } from '../../src/domain/names.ts';
import type { NodeNews, RemoteProvisioner } from '../../src/engine/ports.ts';
import { type Clock, realClock } from '../../src/provisioner/openstack/clock.ts';
import { type Env, readCloudConfig } from '../../src/provisioner/openstack/cloud-config.ts';
import { createSend } from '../../src/provisioner/openstack/http.ts';
import { createNova, type Nova } from '../../src/provisioner/openstack/nova.ts';
import { DEFAULT_TIMINGS, type OpenstackOptions } from '../../src/provisioner/openstack/options.ts';
import { createOpenstackProvisioner } from '../../src/provisioner/openstack/provisioner.ts';
import { createSession } from '../../src/provisioner/openstack/session.ts';
import { silentLog } from '../rpc/silent-log.ts';
import { type FakeHosts, fakeHosts } from '../support/fake-connection.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A cloud with the flavors small and medium, the image debian-12-docker and the network private. */
export type CloudUnderTest = {
  readonly env: Env;
  readonly clock: Clock;
  /** Lets time pass until the promise settles. */
  readonly run: <T>(work: Promise<T>) => Promise<T>;
};

export const realCloud = (env: Env): CloudUnderTest => ({ env, clock: realClock, run: work => work });

export const OPTIONS: OpenstackOptions = {
  dockerSocket: 'unix:///var/run/docker.sock',
  flavor: 'small',
  image: 'debian-12-docker',
  networks: ['private'],
  securityGroups: [],
  sshUsername: 'debian',
  serverGroup: '',
};

/** Alfred as the project's user sees it: lives end and begin again over the same folder. */
export type Stage = {
  readonly data: string;
  readonly instance: string;
  readonly hosts: FakeHosts;
  readonly nova: Nova;
  readonly news: readonly NodeNews[];
  readonly activities: readonly (string | null)[];
  start(options?: Partial<OpenstackOptions>, instance?: string): RemoteProvisioner;
  /** Names and nodes of the servers of this instance, as the cloud has them. */
  servers(): Promise<readonly string[]>;
};

const never = new AbortController().signal;

export const NODE = 'node-1' as NodeId;

export const openStage = async ({ env, clock, run }: CloudUnderTest): Promise<Stage> => {
  const folder = await temporaryFolder();
  const instance = `spec${Math.random().toString(16).slice(2, 14).padEnd(12, '0')}`;
  const hosts = fakeHosts();
  const news: NodeNews[] = [];
  const activities: (string | null)[] = [];
  const nova = createNova(createSession({ config: readCloudConfig(env), send: createSend({ clock, log: silentLog }), clock }));

  const start: Stage['start'] = (options = {}, as = instance) => {
    const world = { connect: hosts.connect, clock, timings: { ...DEFAULT_TIMINGS, sshGraceMs: 100 } };
    const made = { instance: as, options: { ...OPTIONS, ...options }, data: join(folder.path, as), env, log: silentLog };
    const provisioner = createOpenstackProvisioner(made, world);
    provisioner.news$.subscribe(one => news.push(one));
    provisioner.activity$.subscribe(({ activity }) => activities.push(activity));
    onTestFinished(async () => {
      provisioner.close();
      // By another life: to this one its own nodes are in use.
      const last = createOpenstackProvisioner(made, world);
      await run(last.sweep(new Set())).catch(() => undefined);
      last.close();
    });
    return provisioner;
  };
  onTestFinished(() => folder[Symbol.asyncDispose]());

  const servers = async (): Promise<readonly string[]> => {
    const all = await run(nova.listServers(never));
    return all
      .filter(({ metadata }) => metadata['alfred-provisioner']?.startsWith(`${instance}@`))
      .map(({ name, metadata }) => `${name} ${metadata['alfred-node']}`);
  };

  return { data: join(folder.path, instance), instance, hosts, nova, news, activities, start, servers };
};

/** A real cloud takes its time over each of them. */
const TIMEOUT_MS = 240_000;

export const openstackContract = (name: string, open: () => CloudUnderTest | Promise<CloudUnderTest>): void => {
  describe(`a node of ${name}`, { timeout: TIMEOUT_MS }, () => {
    const set = async (): Promise<{ readonly run: CloudUnderTest['run']; readonly stage: Stage }> => {
      const cloud = await open();
      return { run: cloud.run, stage: await openStage(cloud) };
    };

    it('is a server with a key of its own, says what it waits for, and leaves nothing when it ends', async () => {
      const { run, stage } = await set();
      const alfred = stage.start();
      await run(alfred.provision(NODE, never));
      expect(await stage.servers()).toEqual(['alfred-node-1 node-1']);
      expect(stage.activities).toEqual(['waiting for a server', 'booting', 'waiting for ssh', 'waiting for Docker', null]);
      expect(statSync(join(stage.data, 'id_ed25519')).mode & 0o777).toBe(0o600);
      expect(alfred.hostOf(NODE).address).toMatch(/^debian@\d+\.\d+\.\d+\.\d+$/);

      await run(alfred.terminate(NODE));
      expect(await stage.servers()).toEqual([]);
      expect(() => alfred.hostOf(NODE)).toThrow('node node-1 has no server');
      expect(await run(alfred.sweep(new Set()))).toEqual([`keypair alfred-${stage.instance}`]);
      expect(await run(stage.nova.findKeypair(`alfred-${stage.instance}`, never))).toBeNull();
      expect(existsSync(join(stage.data, 'id_ed25519'))).toBe(false);
      await run(alfred.terminate(NODE));
    });

    it('is taken up as it is when it is provisioned again after a crash, and when it is connected after a restart', async () => {
      const { run, stage } = await set();
      const first = stage.start();
      await run(first.provision(NODE, never));
      first.close();

      const second = stage.start();
      await run(second.provision(NODE, never));
      expect(await stage.servers()).toHaveLength(1);
      second.close();

      const third = stage.start();
      await run(third.connect(NODE));
      expect(third.hostOf(NODE).address).toMatch(/^debian@/);
      await run(third.terminate(NODE));
      expect(await stage.servers()).toEqual([]);
    });

    it('is known to be gone after a restart when somebody deleted its server', async () => {
      const { run, stage } = await set();
      const first = stage.start();
      await run(first.provision(NODE, never));
      first.close();
      for (const { id } of await run(stage.nova.listServers(never))) await run(stage.nova.deleteServer(id, never));

      stage.hosts.onOpen = () => {
        throw new Error('no answer');
      };
      const second = stage.start();
      const connected = async (): Promise<string> => {
        for (;;) {
          const error: Error = await run(second.connect(NODE)).then(
            () => new Error('connected'),
            error => error,
          );
          // Until the cloud has done it, the server only does not answer.
          if (error.message !== 'no answer') return `${error.name}: ${error.message}`;
        }
      };
      expect(await connected()).toBe('NodeGoneError: server alfred-node-1 was deleted by someone');
    });

    it('is swept up when nobody owns it, and no other instance touches it', async () => {
      const { run, stage } = await set();
      const alfred = stage.start();
      await run(alfred.provision(NODE, never));
      expect(await run(alfred.sweep(new Set([NODE])))).toEqual([]);
      alfred.close();

      const stranger = stage.start({}, 'stranger');
      expect(await run(stranger.sweep(new Set()))).toEqual([]);
      expect(await stage.servers()).toHaveLength(1);

      const next = stage.start();
      const orphans = [expect.stringMatching(/^server alfred-node-1 \(.+\)$/), `keypair alfred-${stage.instance}`];
      expect(await run(next.sweep(new Set(), { dryRun: true }))).toEqual(orphans);
      expect(await stage.servers()).toHaveLength(1);
      expect(await run(next.sweep(new Set()))).toEqual(orphans);
      expect(await stage.servers()).toEqual([]);
      expect(await run(next.sweep(new Set(), { dryRun: true }))).toEqual([]);
    });

    it.for([
      [{ flavor: 'smal' }, '--openstack-flavor: there is no flavor "smal" (did you mean small?); there are: medium, small'],
      [{ image: 'debian-12-dokcer' }, '--openstack-image: there is no image "debian-12-dokcer" (did you mean debian-12-docker?)'],
      [{ networks: ['privat'] }, '--openstack-networks: there is no network "privat" (did you mean private?)'],
      [{ serverGroup: 'nowhere' }, '--openstack-server-group: there is no server group "nowhere"; there are: '],
      [{ securityGroups: ['nowhere'] }, "400 Unable to find security_group with name or id 'nowhere'"],
    ] as const)('says what is wrong with %j', async ([wrong, words]) => {
      const { run, stage } = await set();
      await expect(run(stage.start(wrong as Partial<OpenstackOptions>).provision(NODE, never))).rejects.toThrow(words);
      expect(await stage.servers()).toEqual([]);
    });

    it('is not made, or is deleted again, when its provisioning is cancelled', async () => {
      const { run, stage } = await set();
      const alfred = stage.start();
      const cancel = new AbortController();
      alfred.activity$.subscribe(({ activity }) => {
        if (activity === 'booting') cancel.abort();
      });
      await expect(run(alfred.provision(NODE, cancel.signal))).rejects.toThrow('the provisioning was cancelled');
      expect(await stage.servers()).toEqual([]);
    });
  });
};

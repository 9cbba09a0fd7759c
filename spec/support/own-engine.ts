import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import { execa } from 'execa';
import { temporaryFolder } from './temporary-folder.ts';
import { until } from './until.ts';

/** A Docker engine of a spec's own, which it may stop and start. Takes root, and `dockerd`. */
export type OwnEngine = AsyncDisposable & {
  /** For the environment of whoever is to talk to it. */
  readonly host: string;
  readonly docker: Docker;
  /** SIGTERM; resolves when the process is gone. */
  stop(): Promise<void>;
  /** Resolves when it answers. */
  start(): Promise<void>;
};

export const startOwnEngine = async ({ liveRestore }: { readonly liveRestore: boolean }): Promise<OwnEngine> => {
  const folder = await temporaryFolder();
  const [socket, data, run, pid] = ['docker.sock', 'data', 'run', 'pid'].map(name => join(folder.path, name)) as [
    string,
    string,
    string,
    string,
  ];
  await mkdir(data);
  const bridge = await addBridge();
  const host = `unix://${socket}`;
  const docker = new Docker({ socketPath: socket });
  const flags = [
    ...['--data-root', data, '--exec-root', run, '--pidfile', pid, '--host', host, '--storage-driver', 'vfs'],
    // Nothing of the host's that another engine may have made its own. Not --bridge=none: that removes the other engine's docker0.
    ...['--bridge', bridge, '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
    ...(liveRestore ? ['--live-restore'] : []),
  ];
  const launch = () => ({ daemon: execa('dockerd', flags, { reject: false, buffer: false, stdio: 'ignore' }) });
  let running = launch();

  const start = async (): Promise<void> => {
    running = launch();
    await answers();
  };
  const answers = (): Promise<void> =>
    until(async () =>
      docker.ping().then(
        () => true,
        () => false,
      ),
    );
  const stop = async (): Promise<void> => {
    running.daemon.kill('SIGTERM');
    await running.daemon;
  };

  await answers();
  return {
    host,
    docker,
    start,
    stop,
    [Symbol.asyncDispose]: async () => {
      try {
        await removeAll(docker);
      } finally {
        await stop();
        // The engine mounts its folder over itself, and leaves it so.
        for (const mounted of [data, run]) await execa('umount', ['--recursive', mounted], { reject: false });
        await execa('ip', ['link', 'delete', bridge]);
        await folder[Symbol.asyncDispose]();
      }
    },
  };
};

/** For the engine's default network, which no spec uses. Outside of the range from which the specs' servers take subnets. */
const addBridge = async (): Promise<string> => {
  const name = `alfred-${randomBytes(3).toString('hex')}`;
  await execa('ip', ['link', 'add', name, 'type', 'bridge']);
  await execa('ip', ['address', 'add', '10.98.0.1/24', 'dev', name]);
  await execa('ip', ['link', 'set', name, 'up']);
  return name;
};

/** What lives on without its engine would go on without its files; bridges are the host's. */
const removeAll = async (docker: Docker): Promise<void> => {
  for (const { Id } of await docker.listContainers({ all: true })) await docker.getContainer(Id).remove({ force: true });
  for (const { Id, Driver, Name } of await docker.listNetworks())
    if (Driver === 'bridge' && Name !== 'bridge') await docker.getNetwork(Id).remove();
};

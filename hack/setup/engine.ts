/** Finds a Docker engine for the sample job and the end-to-end specs, or makes one where that is ours to do. */
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { agreed } from './agreed.ts';
import { installPackages, isRootOnDebian } from './apt.ts';

type Answer = 'ready' | 'noCommand' | 'noEngine' | 'notAllowed';

const START_BUDGET_MS = 60_000;
const LOG = '/var/log/docker.log';

/** The docker command knows where its engine is (`DOCKER_HOST`, contexts); building images takes the command anyway. */
const askEngine = async (): Promise<Answer> => {
  const docker = await execa('docker', ['version', '--format', '{{.Server.Version}}'], { reject: false, timeout: 15_000 });
  if (!docker.failed) return 'ready';
  if (docker.code === 'ENOENT') return 'noCommand';
  return docker.stderr?.includes('permission denied') ? 'notAllowed' : 'noEngine';
};

const isInstalled = async (command: string): Promise<boolean> => {
  const { code } = await execa(command, ['--version'], { reject: false });
  return code !== 'ENOENT';
};

const startEngine = async (): Promise<void> => {
  console.error(`Starting the Docker engine (its log: ${LOG})…`);
  // Debian's own way first: it knows systemd, and mounts the cgroups where there is none. Its script gives up where the limit
  // on open files can't be raised, which the engine itself can do without.
  const service = await execa('service', ['docker', 'start'], { reject: false, stdin: 'ignore' });
  if (service.failed) await startDaemon();
  await untilReady();
};

/** Outlives us: the engine is for the next run, too. */
const startDaemon = async (): Promise<void> => {
  const log = await open(LOG, 'a');
  spawn('dockerd', { detached: true, stdio: ['ignore', log.fd, log.fd] }).unref();
  await log.close();
};

const untilReady = async (): Promise<void> => {
  const giveUpAt = Date.now() + START_BUDGET_MS;
  while ((await askEngine()) !== 'ready') {
    if (Date.now() > giveUpAt) throw new Error(`The Docker engine does not come up; ${LOG} (or journalctl -u docker) says why.`);
    await sleep(250);
  }
};

/** The command is a package of its own from Debian 13 on. */
const installEngine = async (): Promise<void> => {
  if (!(await isInstalled('dockerd'))) await installPackages(['docker.io']);
  if (!(await isInstalled('docker'))) await installPackages(['docker-cli']);
};

const adviceFor = (answer: Exclude<Answer, 'ready'>): string => {
  if (answer === 'notAllowed')
    return 'the Docker engine refuses this user: add it to the group docker (sudo usermod -aG docker $USER), then log in again';
  if (process.env.DOCKER_HOST !== undefined)
    return `no Docker engine answers at DOCKER_HOST=${process.env.DOCKER_HOST}: start it, or unset DOCKER_HOST`;
  if (process.platform === 'darwin') return 'no Docker engine answers: install and start Docker Desktop, OrbStack or Colima';
  return answer === 'noCommand'
    ? 'there is no Docker: install it (Debian, Ubuntu: sudo apt install docker.io; others: https://docs.docker.com/engine/install)'
    : 'no Docker engine answers: start it (sudo systemctl start docker)';
};

/**
 * Returns `null` when an engine answers, else one line that says what to do. As root on Debian or Ubuntu installs `docker.io`
 * and starts it, having asked whoever sits at the terminal; never a second engine beside one that answers. Throws when what
 * is ours to install or start does not come up.
 */
export const ensureEngine = async (): Promise<string | null> => {
  const answer = await askEngine();
  if (answer === 'ready') return null;
  const ours = isRootOnDebian() && process.env.DOCKER_HOST === undefined;
  if (!ours || !(await agreed('No Docker engine answers. Install docker.io where it is missing, and start it?')))
    return adviceFor(answer);
  await installEngine();
  await startEngine();
  return null;
};

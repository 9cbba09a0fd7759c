import { randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { LABEL } from '../../src/docker/names.ts';
import { alfred, type Program } from './binary.ts';
import { theEngine } from './engine.ts';
import { type TestJob, writeJob } from './job.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Where a user of the client sits: a folder to work in, with a jobfile whose job has a name that no other spec uses. */
export type Desk = AsyncDisposable & {
  readonly path: string;
  readonly jobName: string;
  /** Writes the jobfile; returns its path. */
  job(job: Omit<TestJob, 'name'>): Promise<string>;
  /** Starts `bin/alfred` here. */
  alfred(args: readonly string[], env?: Readonly<Record<string, string>>): Program;
};

/** Ends with the check that nothing is left of the desk's jobs: on the engine, or of a server inside the command. */
export const openDesk = async (): Promise<Desk> => {
  const { path, [Symbol.asyncDispose]: remove } = await temporaryFolder();
  const temporary = join(path, 'tmp');
  const jobName = `spec-${randomBytes(4).toString('hex')}`;
  await mkdir(temporary);
  return {
    path,
    jobName,
    job: job => writeJob(path, { ...job, name: jobName }),
    alfred: (args, env = {}) => alfred(args, { cwd: path, env: { TMPDIR: temporary, ...env } }),
    [Symbol.asyncDispose]: async () => {
      const left = [...(await tracesOnEngine(jobName)), ...(await readdir(temporary))];
      await remove();
      expect(left).toEqual([]);
    },
  };
};

/** Containers, networks, images and volumes of all jobs of this name. */
const tracesOnEngine = async (jobName: string): Promise<readonly string[]> => {
  const { docker } = theEngine();
  const filters = { label: [LABEL.job] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const images = await docker.listImages({ filters });
  const { Volumes: volumes } = await docker.listVolumes({ filters });
  return [
    ...containers.map(({ Names, Labels }) => ({ what: `container ${Names.join()}`, labels: Labels })),
    ...networks.map(({ Name, Labels }) => ({ what: `network ${Name}`, labels: Labels })),
    ...images.map(({ Id, Labels }) => ({ what: `image ${Id}`, labels: Labels })),
    ...(volumes ?? []).map(({ Name, Labels }) => ({ what: `volume ${Name}`, labels: Labels })),
  ].flatMap(({ what, labels }) => (labels?.[LABEL.job]?.startsWith(`${jobName}-`) ? [what] : []));
};

import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** A shell that takes its script from the environment: one image, built once, does for all jobs. */
const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
ENTRYPOINT ["/bin/busybox", "sh", "-c", "eval \\"$SCRIPT\\""]
`;

export type TestJob = {
  readonly name?: string;
  /** What every step of every task runs, in busybox's shell. */
  readonly script: string;
  /** @default 1 */
  readonly steps?: number;
  /** As in a jobfile. @default none */
  readonly services?: Readonly<Record<string, object>>;
  readonly tasks: readonly (string | { readonly name: string; readonly slots: number })[];
};

/** Writes a jobfile, with all that its build needs, into `folder`; returns its path. */
export const writeJob = async (
  folder: string,
  { name = 'spec', script, steps: count = 1, services, tasks }: TestJob,
): Promise<string> => {
  const path = join(folder, 'job.yaml');
  await copyFile('/bin/busybox', join(folder, 'busybox'));
  await writeFile(join(folder, 'Dockerfile'), DOCKERFILE);
  const steps = Array.from({ length: count }, () => ({ dockerfile: 'Dockerfile', context: '.' }));
  await writeFile(path, stringify({ version: '1', name, steps, env: { SCRIPT: script }, services, tasks }));
  return path;
};

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderProblems } from '../../../src/jobfile/problem.ts';
import { type JobfileRequest, type Reading, readJobfile } from '../../../src/jobfile/read.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A folder with a `Dockerfile`, a folder `docker`, and whatever jobfile a spec is about. */
export type JobfileFolder = AsyncDisposable & {
  readonly path: string;
  read(jobfile: string | Uint8Array, request?: Partial<JobfileRequest>): Promise<Reading>;
  /** The problems as the terminal shows them; the folder is called `/folder` in them. Fails for a jobfile without problems. */
  problemsOf(jobfile: string | Uint8Array, request?: Partial<JobfileRequest>): Promise<string>;
};

export async function jobfileFolder(): Promise<JobfileFolder> {
  const folder = await temporaryFolder();
  await writeFile(join(folder.path, 'Dockerfile'), 'FROM scratch\n');
  await mkdir(join(folder.path, 'docker'));
  const file = join(folder.path, 'job.yaml');
  const read: JobfileFolder['read'] = async (jobfile, request = {}) => {
    await writeFile(file, jobfile);
    return readJobfile({ path: file, args: [], params: {}, env: {}, signal: new AbortController().signal, ...request });
  };
  return {
    path: folder.path,
    read,
    problemsOf: async (jobfile, request) => {
      const reading = await read(jobfile, request);
      if (reading.ok) throw new Error('the jobfile has no problems');
      return renderProblems(reading.problems).replaceAll(folder.path, '/folder');
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** A jobfile that is fine, so that a spec can add what it is about. */
export const HEAD = `version: "1"
name: test
steps:
  - {dockerfile: Dockerfile, context: .}
`;
export const PLAIN = `${HEAD}tasks: [lint]
`;

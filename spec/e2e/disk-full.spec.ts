/** The disk of the server's data is full, for real: a small tmpfs with a file that takes the rest of it. */
import { execFile } from 'node:child_process';
import { glob, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hasCode } from '../../src/base/error-code.ts';
import { alfredServer, type Program } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { describeOnEngine } from '../support/engine.ts';
import { openServer, type ServerLives } from '../support/server-lives.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});

afterEach(() => desk[Symbol.asyncDispose]());

type SmallDisk = AsyncDisposable & {
  readonly path: string;
  /** Takes what is free, to the last byte. */
  fill(): Promise<void>;
  empty(): Promise<void>;
};

/** Room for the data of a few jobs. Mounting takes root, which CI is. */
const mountSmallDisk = async (): Promise<SmallDisk> => {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'disk');
  await mkdir(path);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', path]);
  const filler = join(path, 'filler');
  return {
    path,
    fill: async () => {
      await using file = await open(filler, 'w');
      try {
        for (;;) await file.write(Buffer.alloc(4_096));
      } catch (error) {
        if (!hasCode(error, 'ENOSPC')) throw error;
      }
    },
    empty: () => rm(filler),
    [Symbol.asyncDispose]: async () => {
      await run('umount', [path]);
      await folder[Symbol.asyncDispose]();
    },
  };
};

const UNTIL_GO = 'echo begun; until [ -e "$ALFRED_SHARED/go" ]; do sleep 0.1; done; echo > "$ALFRED_OUTPUT/made"; exit 42';

const alfred = (server: ServerLives, ...args: readonly string[]): Program => desk.alfred(['--remote', server.remote, ...args]);

const jobsOf = async (server: ServerLives): Promise<readonly { readonly completedAt: string | null }[]> => {
  const { stdout } = await alfred(server, 'ps', '--all', '--json');
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line));
};

describeOnEngine('a server whose disk is full', () => {
  it.skipIf(process.getuid?.() !== 0)(
    'refuses jobs and lives on; what ended meanwhile is kept when there is room again',
    async () => {
      await using disk = await mountSmallDisk();
      await using server = await openServer({ data: join(disk.path, 'data') });
      const job = await desk.job({ script: UNTIL_GO, tasks: ['one'] });
      const watch = alfred(server, 'run', job);
      const shared = () => Array.fromAsync(glob(join(server.workspace, '*/shared')));
      await until(async () => (await shared()).length === 1);

      await disk.fill();
      const refused = await alfred(server, 'run', job);

      expect(refused).toMatchObject({
        exitCode: 3,
        stderr: expect.stringMatching(/the server can't store the job now, try again later: .*(full|disk)/),
      });
      expect(await alfred(server, 'ps')).toMatchObject({ exitCode: 0 });

      for (const folder of await shared()) await writeFile(join(folder, 'go'), '');
      await server.logged(/the journal takes nothing; trying again/);
      expect(await jobsOf(server)).toMatchObject([{ completedAt: null }]);
      await disk.empty();

      expect(await watch).toMatchObject({ exitCode: 42 });
      expect(await alfred(server, 'run', job, '--async')).toMatchObject({ exitCode: 0 });

      await server.kill();
      await server.start();

      const jobs = await jobsOf(server);
      expect(jobs).toHaveLength(2);
      expect(jobs[0]).toMatchObject({ completedAt: expect.anything() });
      expect(await server.stop()).toMatchObject({ exitCode: 0 });
      expect(await alfredServer(['gc', '--dry-run', ...server.folders])).toMatchObject({ exitCode: 0, stdout: '' });
    },
  );
});

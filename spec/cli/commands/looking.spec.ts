import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, NEVER, of, throwError } from 'rxjs';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compress } from '../../../src/base/zstd.ts';
import type { JobId } from '../../../src/domain/names.ts';
import type { JobStatus } from '../../../src/domain/status.ts';
import { type AlfredClient, ServerRefusedError } from '../../../src/rpc/client-port.ts';
import { createVirtualTime } from '../../support/virtual-time.ts';
import { alfred, type World } from '../support/alfred.ts';
import {
  at,
  completed,
  failed,
  finished,
  hours,
  job,
  node,
  queued,
  running,
  seconds,
  serverStatus,
  warned,
} from '../support/jobs.ts';

// The first command loads what commands need, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 20_000 });

// Times are shown in the reader's zone.
process.env.TZ = 'UTC';

const JOB = 'nightly-brave-otter' as JobId;
const nightly = finished([completed('build'), failed('e2e', { exitCode: 137, reason: 'out of memory' }), warned('lint')], {
  commandLine: "alfred run nightly.yaml -p BRANCH=main -p 'MESSAGE=a message of several words' unit lint e2e",
  jobfile: '# The nightly job\nversion: "1"\n\n\nname: nightly # always\n',
});
const release = job([running('deploy'), queued('announce')], {
  name: 'release-calm-heron' as JobId,
  startedBy: 'grace@hopper',
  scheduledAt: at(seconds(90)),
});

/** A server with these jobs, two hours later. */
const world = (jobs: readonly JobStatus[], client: Partial<AlfredClient> = {}, changes: World = {}): World => {
  const { time } = createVirtualTime();
  const clock = Object.assign(time.scheduler, { now: () => at(hours(2)) });
  return {
    ...changes,
    client: {
      watchJob: name => {
        const found = jobs.find(one => one.name === name);
        return found === undefined
          ? throwError(() => new ServerRefusedError(`no job ${name}`, 'notFound'))
          : concat(of(found), NEVER);
      },
      watchJobs: () => concat(of(jobs), NEVER),
      watchStatus: () => concat(of(serverStatus(jobs)), NEVER),
      listJobs: async () => [],
      ...client,
    },
    doors: { clock, ...changes.doors },
  };
};

const parsed = (stdout: string): readonly Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));

describe('alfred ps', () => {
  it('says of a job how many of its tasks run where nobody answers', async () => {
    const silent = { unreachable: { since: at(0), why: 'no answer from 10.77.0.12' } };
    const nodes = [
      node('node-1', [`${release.name}/deploy`, `${nightly.name}/build`], silent),
      node('node-2', [`${release.name}/announce`]),
    ];
    const status = { watchStatus: () => of(serverStatus([nightly, release], nodes)) };
    const { stdout } = await alfred(['ps'], world([], status));
    expect(stdout).toMatch(/release-calm-heron .* running \(1 unreachable\)/);
    expect(stdout).not.toMatch(/nightly.*unreachable/);
    const documents = parsed((await alfred(['ps', '--json'], world([], status))).stdout);
    expect(documents).toMatchObject([{ tasksUnreachable: 0 }, { tasksUnreachable: 1 }]);
  });

  it('lists the jobs, the newest last', async () => {
    const { stdout, exitCode } = await alfred(['ps'], world([nightly, release]));
    expect(`\n${stdout}`).toMatchInlineSnapshot(`
      "
      WHEN                 WHO           JOB                  DONE      TOOK   STATE
      2026-01-15 12:00:00  ada@lovelace  nightly-brave-otter  3/3 100%  2m00s  failed
      2026-01-15 12:01:30  grace@hopper  release-calm-heron   0/2 0%    1h58m  running 🐢
      "
    `);
    expect(exitCode).toBe(0);
  });

  it('leaves out what finished long ago, unless all are asked for', async () => {
    const old = Array.from({ length: 30 }, (_, index) => finished([completed('a')], { name: `old-${index}-fox` as JobId }));
    const jobs = [release, ...old];
    const recent = (await alfred(['ps'], world(jobs))).stdout;
    expect(recent).toContain('release-calm-heron');
    expect(recent).not.toContain('old-9-fox');
    expect(recent).toContain('old-10-fox');
    expect((await alfred(['ps', '--all'], world(jobs))).stdout).toContain('old-0-fox');
  });

  it('reaches back to the first job with --all, page by page', async () => {
    const nth = (index: number, changes: Partial<JobStatus> = {}): JobStatus =>
      finished([completed('a')], { name: `old-${index}-fox` as JobId, scheduledAt: at(seconds(index)), ...changes });
    const past = Array.from({ length: 450 }, (_, index) => nth(index));
    const listJobs: AlfredClient['listJobs'] = async ({ limit, before }) => {
      const end = before === undefined ? past.length : past.findIndex(({ name }) => name === before);
      return past.slice(Math.max(0, end - limit), end);
    };
    // It ended after the server told what it shows, and before it told of the past.
    const endedMeanwhile = nth(449, { completedAt: null, tasks: release.tasks });
    const waits = nth(500, { completedAt: null });
    const { stdout, stderr } = await alfred(['ps', '--all', '--json'], world([endedMeanwhile, waits], { listJobs }));
    const names = parsed(stdout).map(({ name }) => name);
    expect(names).toStrictEqual([...past.map(({ name }) => name), waits.name]);
    expect(parsed(stdout).at(-2)?.completedAt).not.toBeNull();
    expect(stderr).toBe('');
  });

  it('says so when the server is too old to reach back', async () => {
    const listJobs = () => Promise.reject(new ServerRefusedError('unknown method ListJobs', 'unimplemented'));
    const { stdout, stderr, exitCode } = await alfred(['ps', '--all'], world([nightly], { listJobs }));
    expect(stdout).toContain(JOB);
    expect([stderr, exitCode]).toStrictEqual([
      'The server is of an older version, and lists only the jobs that finished last.\n',
      0,
    ]);
  });

  it('says so when there are none, and leaves stdout empty', async () => {
    const { stdout, stderr } = await alfred(['ps'], world([]));
    expect([stdout, stderr]).toStrictEqual(['', 'No jobs yet.\n']);
  });

  it('prints a document per job with --json', async () => {
    const { stdout } = await alfred(['ps', '--json'], world([nightly, release]));
    expect(parsed(stdout)).toMatchObject([
      { name: JOB, exitCode: 1, tasksEnded: 3, tasksTotal: 3, completedAt: '2026-01-15T12:02:00.000Z' },
      { name: 'release-calm-heron', exitCode: 0, tasksEnded: 0, tasksTotal: 2, completedAt: null },
    ]);
  });
});

describe('alfred show', () => {
  it('shows all of a job', async () => {
    const { stdout, exitCode } = await alfred(['show', 'otter'], world([nightly, release]));
    expect(`\n${stdout}`).toMatchInlineSnapshot(`
      "
      Job 'nightly-brave-otter' failed (📝 3/3 100%, ⏱️ 2m00s 🏁)
      Every test there is
      Started 2026-01-15 12:00:00 by ada@lovelace, done 2026-01-15 12:02:00

      Command line
        alfred run nightly.yaml -p BRANCH=main -p \\
          'MESSAGE=a message of several words' unit lint e2e

      Tasks
        STATE         TASK   STARTED   TOOK  WHY
        ✅ completed  build  12:00:01  9s
        💥 failed     e2e    12:00:01  9s    exit code 137, out of memory
        ⚠️ warning    lint   12:00:01  9s    exit code 42

      Jobfile
        version: "1"

        name: nightly
      "
    `);
    expect(exitCode).toBe(0);
  });

  it('prints one document with --json', async () => {
    const { stdout } = await alfred(['show', 'otter', '--json'], world([nightly]));
    expect(parsed(stdout)).toMatchObject([
      {
        name: JOB,
        jobfile: nightly.jobfile,
        tasks: [{ name: 'build' }, { name: 'e2e', exitCode: 137, reason: 'out of memory' }, {}],
      },
    ]);
  });
});

describe('alfred watch -v', () => {
  it('shows all of it once, on stdout, and leaves with the exit code so far', async () => {
    const { stdout, stderr, exitCode } = await alfred(['watch', '-v', 'heron'], world([nightly, release]));
    expect(`\n${stdout}`).toMatchInlineSnapshot(`
      "
      Job 'release-calm-heron' running (📝 0/2 0%, ⏱️ 1h58m 🐢)
      ⏳ queued     announce (1)
      ⚙️ running    deploy 🧟 (1)
      "
    `);
    expect([stderr, exitCode]).toStrictEqual(['', 0]);
    expect((await alfred(['watch', '-v', 'otter'], world([nightly]))).exitCode).toBe(1);
  });
});

describe('alfred cancel', () => {
  it('cancels a job, and says how much that was', async () => {
    const cancelJob = vi.fn(async () => undefined);
    const { stderr, exitCode } = await alfred(['cancel', 'heron'], world([nightly, release], { cancelJob }));
    expect(cancelJob).toHaveBeenCalledExactlyOnceWith('release-calm-heron', expect.anything());
    expect([stderr, exitCode]).toStrictEqual(['cancelled release-calm-heron: 2 tasks\n', 0]);
  });

  it('cancels one task', async () => {
    const cancelTask = vi.fn(async () => undefined);
    const { stderr } = await alfred(['cancel', 'heron', 'deploy'], world([release], { cancelTask }));
    expect(cancelTask).toHaveBeenCalledExactlyOnceWith('release-calm-heron', 'deploy', expect.anything());
    expect(stderr).toBe('cancelled deploy of release-calm-heron: 1 task\n');
  });

  it('of what has ended is fine', async () => {
    const { stderr, exitCode } = await alfred(['cancel', 'otter'], world([nightly], { cancelJob: async () => undefined }));
    expect([stderr, exitCode]).toStrictEqual([`${JOB} had ended already\n`, 0]);
  });
});

describe('alfred artifact', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'alfred-spec-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const downloadArtifact: AlfredClient['downloadArtifact'] = async function* (_job, task) {
    if (task === 'announce') throw new ServerRefusedError('nothing yet', 'notFound');
    const archive = pack();
    archive.entry({ name: 'report.txt' }, `report of ${task}`);
    archive.finalize();
    yield* compress(archive as AsyncIterable<Uint8Array>);
  };

  const inFolder = (jobs: readonly JobStatus[]): World => world(jobs, { downloadArtifact }, { io: { cwd: folder } });

  it('downloads the artifacts of all tasks, and prints where they are', async () => {
    const { stdout, exitCode } = await alfred(['artifact', 'otter', '-o', 'out'], inFolder([nightly]));
    expect([stdout, exitCode]).toStrictEqual(['out/build.tar.zst\nout/e2e.tar.zst\nout/lint.tar.zst\n', 0]);
    expect(await readdir(join(folder, 'out'))).toHaveLength(3);
  });

  it('unpacks them with --extract', async () => {
    const { stdout } = await alfred(['artifact', 'otter', 'e2e', '--extract'], inFolder([nightly]));
    expect(stdout).toBe('e2e\n');
    expect(await readdir(folder)).toStrictEqual(['e2e']);
    expect(await readFile(join(folder, 'e2e', 'report.txt'), 'utf8')).toBe('report of e2e');
  });

  it('unpacks one that is here already, beside it, and asks no server', async () => {
    await alfred(['artifact', 'otter', 'e2e', '-o', 'out'], inFolder([nightly]));
    const { stdout, remotes } = await alfred(['artifact', '--extract', 'out/e2e.tar.zst'], { io: { cwd: folder } });
    expect([stdout, remotes]).toStrictEqual(['out/e2e\n', []]);
    expect(await readFile(join(folder, 'out', 'e2e', 'report.txt'), 'utf8')).toBe('report of e2e');
  });

  it('warns that a running task gives a snapshot, and names the tasks that have none', async () => {
    const { stdout, stderr, exitCode } = await alfred(['artifact', 'heron'], inFolder([release]));
    expect(stdout).toBe('deploy.tar.zst\n');
    expect(stderr).toMatch(/^! deploy: \d+ B, a snapshot: the task still runs$/m);
    expect(stderr).toMatch(/^! announce has no artifact$/m);
    expect(exitCode).toBe(0);
  });

  it('exits 3 when a task that was asked for has none', async () => {
    const { stderr, exitCode } = await alfred(['artifact', 'heron', 'announce'], inFolder([release]));
    expect(stderr).toMatch(/alfred: there is no artifact of announce\n$/);
    expect(exitCode).toBe(3);
  });

  it('downloads nothing when a task is unknown', async () => {
    const { stderr, exitCode } = await alfred(['artifact', 'otter', 'build', 'e2d', 'zzz'], inFolder([nightly]));
    expect(stderr).toBe(`alfred: job ${JOB} has no task e2d (did you mean e2e?), zzz\n`);
    expect([exitCode, await readdir(folder)]).toStrictEqual([3, []]);
  });

  it('tells a file that is no artifact', async () => {
    await writeFile(join(folder, 'x.tar.zst'), 'no zstd');
    const { stderr, exitCode } = await alfred(['artifact', '--extract', 'x.tar.zst'], { io: { cwd: folder } });
    expect([stderr, exitCode]).toStrictEqual(['alfred: this is no zstd data\n', 2]);
  });
});

describe('a job that the server does not know', () => {
  it.each([['watch'], ['show'], ['cancel'], ['artifact']])('is told so by alfred %s, which exits 3', async command => {
    const { stdout, stderr, exitCode } = await alfred([command, 'nobody'], world([nightly]));
    expect([stdout, stderr, exitCode]).toStrictEqual(['', 'alfred: no job nobody\n', 3]);
  });

  it('is told so by alfred logs, which exits 3', async () => {
    const { stderr, exitCode } = await alfred(['logs', 'nobody', 'unit'], world([nightly]));
    expect([stderr, exitCode]).toStrictEqual(['alfred: no job nobody\n', 3]);
  });
});

describe('alfred check', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'alfred-spec-'));
    await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n');
  });

  afterEach(() => rm(folder, { recursive: true }));

  const check = async (yaml: string, ...flags: readonly string[]) => {
    const path = join(folder, 'job.yaml');
    await writeFile(path, yaml);
    return alfred(['check', path, ...flags]);
  };

  it('says that a jobfile is fine', async () => {
    const { stderr, exitCode } = await check(
      'version: "1"\nname: nightly\nsteps: [{ dockerfile: Dockerfile, context: . }]\ntasks: [unit]\n',
    );
    expect([stderr.replace(folder, ''), exitCode]).toStrictEqual([
      '/job.yaml is fine: job nightly, 1 step, 0 services, 1 task\n',
      0,
    ]);
  });

  it('tells all that is wrong, and exits 2', async () => {
    const { stdout, stderr, exitCode } = await check('version: "1"\nname: Nightly\nsteps: []\ntasks: []\n');
    expect(stderr).toMatch(/\n\n\d+ problems\n$/);
    expect([stdout, exitCode]).toStrictEqual(['', 2]);
  });

  it('says what the jobfile itself says when it stops, and nothing else', async () => {
    const { stderr, exitCode } = await check('version: "1"\n{{error "name a branch with -p BRANCH=…"}}\n');
    expect([stderr, exitCode]).toStrictEqual(['name a branch with -p BRANCH=…\n', 2]);
  });

  it('prints a document per problem with --json, for editors', async () => {
    const { stdout, exitCode } = await check('version: "1"\nname: Nightly\nsteps: []\ntasks: [a]\n', '--json');
    expect(parsed(stdout)[0]).toMatchObject({ type: 'mistake', line: 2, column: 7, source: 'name: Nightly' });
    expect(exitCode).toBe(2);
  });
});

describe('alfred schema', () => {
  it('prints a JSON Schema', async () => {
    const { stdout } = await alfred(['schema']);
    expect(JSON.parse(stdout)).toMatchObject({ $schema: expect.stringContaining('json-schema.org'), type: 'object' });
    expect(parsed((await alfred(['schema', '--json'])).stdout)).toHaveLength(1);
  });
});

describe('alfred version', () => {
  it('shows both sides', async () => {
    const ping = async () => ({ version: '9.9.9', commit: 'abcdef0' });
    const { stdout, exitCode } = await alfred(['version'], { client: { ping } });
    expect([stdout, exitCode]).toStrictEqual(['client  dev (unknown)\nserver  9.9.9 (abcdef0)\n', 0]);
    expect(parsed((await alfred(['version', '--json'], { client: { ping } })).stdout)).toStrictEqual([
      { client: { version: 'dev', commit: 'unknown' }, server: { version: '9.9.9', commit: 'abcdef0' } },
    ]);
  });

  it('starts no server to ask itself', async () => {
    const { stdout, remotes } = await alfred(['--local', 'version']);
    expect([stdout, remotes]).toStrictEqual(['client  dev (unknown)\nserver  dev (unknown)\n', []]);
  });
});

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, NEVER, of, Subject, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decompress } from '../../../src/base/zstd.ts';
import type { Doors } from '../../../src/cli/context.ts';
import type { Submission } from '../../../src/domain/job.ts';
import type { JobId } from '../../../src/domain/names.ts';
import type { JobStatus } from '../../../src/domain/status.ts';
import { BuildError } from '../../../src/jobfile/build.ts';
import { type AlfredClient, ServerRefusedError, ServerUnreachableError } from '../../../src/rpc/client-port.ts';
import { logText } from '../../support/log-text.ts';
import { createVirtualTime } from '../../support/virtual-time.ts';
import { alfred, startAlfred, type World } from '../support/alfred.ts';
import { aborted, completed, failed, finished, job, running, skipped, timedOut, warned } from '../support/jobs.ts';
import { openScreen } from '../support/screen.ts';

const IMAGE = `sha256:${'a'.repeat(64)}`;
const JOB = 'nightly-brave-otter' as JobId;
/** The specs' clock begins with the job. */
const scheduledAt = 0;
const started = job([running('unit'), running('lint')], { scheduledAt });
const allWell = finished([completed('unit'), completed('lint')], { scheduledAt, completedAt: 10_000 });

// The first command loads what commands need, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 20_000 });

let folder: string;
let jobfile: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alfred-spec-'));
  jobfile = join(folder, 'job.yaml');
  await mkdir(join(folder, 'image'));
  await writeFile(join(folder, 'image', 'Dockerfile'), 'FROM scratch\n');
  await writeFile(
    jobfile,
    'version: "1"\nname: nightly\nsteps:\n  - { dockerfile: image/Dockerfile, context: image }\ntasks: [unit, lint]\n',
  );
});

afterEach(() => rm(folder, { recursive: true }));

/** A server that has all images and takes every job, which then goes through these states. */
const server = (states: readonly JobStatus[], changes: Partial<AlfredClient> = {}): Partial<AlfredClient> => ({
  ping: async () => ({ version: '1.0.0', commit: 'abc' }),
  uploadImage: async () => 'present',
  scheduleJob: async () => JOB,
  watchJob: () => concat(of(...states), NEVER),
  readLogs: async function* () {},
  ...changes,
});

/** An engine whose builds work at once. */
const engine: Partial<Doors> = {
  buildImages: async ({ steps }, { onProgress }) => {
    const [step] = steps;
    if (step === undefined) return [];
    onProgress({ type: 'started', image: 0, images: 1, step });
    onProgress({ type: 'output', image: 0, chunk: Buffer.from('#1 FROM scratch\n') });
    onProgress({ type: 'built', image: 0, imageId: IMAGE });
    return steps.map(() => IMAGE);
  },
};

const world = (client: Partial<AlfredClient>, changes: World = {}): World => ({
  ...changes,
  client,
  io: { cwd: folder, ...changes.io },
  doors: { ...engine, clock: createVirtualTime().time.scheduler, ...changes.doors },
});

/** A server whose job goes through the states that the spec sends, once it is `watched`. */
const stage = (client: Partial<AlfredClient> = {}) => {
  const states$ = new Subject<JobStatus>();
  const watched = Promise.withResolvers<void>();
  const watchJob = () => {
    watched.resolve();
    return states$;
  };
  return { states$, watched: watched.promise, client: server([], { watchJob, ...client }) };
};

/** On a busy machine a moment is longer. */
const patience = { timeout: 10_000 };

const bytes = async function* (...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
};

describe('alfred run', () => {
  it('builds, uploads, schedules, and watches the job to its end', async () => {
    const { exitCode, stdout, stderr, closed } = await alfred(['run', jobfile], world(server([started, allWell])));
    expect(stderr).toMatchInlineSnapshot(`
      "building image/Dockerfile …
      ✓ built image/Dockerfile in 0s
      uploading image/Dockerfile …
      ✓ the server has image/Dockerfile already
      scheduling 2 tasks …
      ✓ scheduled nightly-brave-otter: 2 tasks
      Job 'nightly-brave-otter' running (📝 0/2 0%, ⏱️ 0s)
      ⚙️ unit running
      ⚙️ lint running
      ✅ unit completed (after 9s)
      ✅ lint completed (after 9s)
      Job 'nightly-brave-otter' completed (📝 2/2 100%, ⏱️ 10s 🏁)
      "
    `);
    expect(stdout).toBe('');
    expect(exitCode).toBe(0);
    expect(closed).toBe(1);
  });

  it.each([
    [42, [completed('unit'), warned('lint')]],
    [43, [completed('unit'), skipped('lint')]],
    [1, [failed('unit'), warned('lint')]],
    [1, [timedOut('unit'), completed('lint')]],
    [1, [completed('unit'), aborted('lint')]],
  ])('exits %d for the worst of its tasks', async (code, tasks) => {
    const { exitCode } = await alfred(['run', jobfile], world(server([finished(tasks)])));
    expect(exitCode).toBe(code);
  });

  it('hands in the job with what its history will show', async () => {
    const submissions: Submission[] = [];
    const scheduleJob: AlfredClient['scheduleJob'] = async submission => {
      submissions.push(submission);
      return JOB;
    };
    await alfred(['run', jobfile, 'an arg', '-p', "BRANCH=it's"], world(server([allWell], { scheduleJob })));
    expect(submissions).toMatchObject([
      {
        spec: {
          name: 'nightly',
          steps: [IMAGE],
          tasks: [
            { name: 'unit', slots: 1 },
            { name: 'lint', slots: 1 },
          ],
        },
        jobfile: await readFile(jobfile, 'utf8'),
        commandLine: `alfred run ${jobfile} 'an arg' -p 'BRANCH=it'\\''s'`,
        startedBy: expect.stringMatching(/^.+@.+$/),
      },
    ]);
  });

  it('sends the image that the server lacks, compressed, and says how much that was', async () => {
    const received: Buffer[] = [];
    const uploadImage: AlfredClient['uploadImage'] = async (imageId, archive) => {
      expect(imageId).toBe(IMAGE);
      for await (const chunk of decompress(archive())) received.push(Buffer.from(chunk));
      return 'loaded';
    };
    const doors: Partial<Doors> = { saveImage: () => bytes('an image', ' as a tar'), imageBytes: async () => 20 };
    const { stderr } = await alfred(['run', jobfile], world(server([allWell], { uploadImage }), { doors }));
    expect(Buffer.concat(received).toString()).toBe('an image as a tar');
    expect(stderr).toMatch(/^✓ uploaded image\/Dockerfile: \d+ B in 0s, .*\/s$/m);
  });

  it('shows on a terminal how far an upload is', async () => {
    const screen = openScreen({ columns: 70 });
    const { time, advance } = createVirtualTime();
    const seen: string[] = [];
    const uploadImage: AlfredClient['uploadImage'] = async (_imageId, archive) => {
      for await (const _chunk of archive()) {
        await advance(1_000);
        seen.push(await screen.text());
      }
      return 'loaded';
    };
    const mebibytes = 1 << 20;
    const saveImage = async function* (): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < 10; chunk += 1) yield Buffer.alloc(4 * mebibytes);
    };
    const doors: Partial<Doors> = { saveImage, imageBytes: async () => 40 * mebibytes, clock: time.scheduler };
    await alfred(['run', jobfile], world(server([allWell], { uploadImage }), { io: { stderr: screen.stream }, doors }));
    expect(seen.at(5)).toMatch(/\n. uploading image\/Dockerfile {2}[\d.]+ k?B {2}[\d.]+ k?B\/s {2}~\d\d%\n$/);
    expect(await screen.text()).toMatch(/\n✓ uploaded image\/Dockerfile: [\d.]+ k?B in 10s, [\d.]+ k?B\/s\n/);
  });

  it('leaves with --async, and prints the name and nothing else on stdout', async () => {
    const { exitCode, stdout } = await alfred(['run', jobfile, '--async'], world(server([])));
    expect([exitCode, stdout]).toStrictEqual([0, `${JOB}\n`]);
    expect((await alfred(['run', jobfile, '--async', '--json'], world(server([])))).stdout).toBe(`{"name":"${JOB}"}\n`);
  });

  it('refuses --async without a server that would go on', async () => {
    const { exitCode, stderr, remotes } = await alfred(['run', '--local', '--async', jobfile]);
    expect(stderr).toBe('alfred: --async needs a server that goes on when this command ends: leave out --async or --local\n');
    expect([exitCode, remotes]).toStrictEqual([2, []]);
  });

  it('prints the job and sends nothing with --dry-run', async () => {
    const { exitCode, stdout, stderr, remotes } = await alfred(['run', jobfile, '--dry-run'], { io: { cwd: folder } });
    expect(stdout.replaceAll(folder, '/jobs')).toMatchInlineSnapshot(`
      "version: "1"
      name: nightly
      steps:
        - dockerfile: /jobs/image/Dockerfile
          context: /jobs/image
      tasks:
        - unit
        - lint
      "
    `);
    expect([exitCode, stderr, remotes]).toStrictEqual([0, '', []]);
  });

  it('tells all that is wrong with a jobfile, before anything else happens', async () => {
    await writeFile(jobfile, 'version: "1"\nname: Nightly\nsteps: []\ntsaks: [a]\n');
    const { exitCode, stderr, remotes } = await alfred(['run', jobfile]);
    expect(stderr).toMatch(/^.*job\.yaml:\d+:\d+: /);
    expect(stderr).toContain('did you mean `tasks`?');
    expect([exitCode, remotes]).toStrictEqual([2, []]);
  });

  it('builds nothing when the server can not be reached', async () => {
    const ping = () => Promise.reject(new ServerUnreachableError("can't reach the server at ci:25373: no such host"));
    const buildImages = () => Promise.reject(new Error('nobody should build'));
    const { exitCode, stderr } = await alfred(
      ['--remote', 'ci', 'run', jobfile],
      world(server([], { ping }), { doors: { buildImages } }),
    );
    expect([exitCode, stderr]).toStrictEqual([3, "alfred: can't reach the server at ci:25373: no such host\n"]);
  });

  it('shows what the build said when it fails, and exits 2', async () => {
    const buildImages: Doors['buildImages'] = async ({ steps: [step] }, { onProgress }) => {
      if (step === undefined) throw new Error('a step is needed');
      onProgress({ type: 'started', image: 0, images: 1, step });
      throw new BuildError('docker build failed: exit code 1', step, '#5 RUN make\nmake: no rule\n');
    };
    const { exitCode, stderr } = await alfred(['run', jobfile], world(server([]), { doors: { buildImages } }));
    expect(stderr).toMatchInlineSnapshot(`
      "building image/Dockerfile …
      ✗ building image/Dockerfile
      #5 RUN make
      make: no rule
      alfred: image/Dockerfile: docker build failed: exit code 1
      "
    `);
    expect(exitCode).toBe(2);
  });

  it("streams the build's output with -v", async () => {
    const { stderr } = await alfred(['run', '-v', jobfile], world(server([allWell])));
    expect(stderr).toContain('\n#1 FROM scratch\n');
  });

  it('exits 3 with the words of a server that refuses the job', async () => {
    const scheduleJob = () => Promise.reject(new ServerRefusedError('task unit asks for 9 slots, nodes have 2', 'invalid'));
    const { exitCode, stderr } = await alfred(['run', jobfile], world(server([], { scheduleJob })));
    expect(stderr).toMatch(/\n✗ scheduling 2 tasks\nalfred: task unit asks for 9 slots, nodes have 2\n$/);
    expect(exitCode).toBe(3);
  });

  it('says why tasks went wrong, what they said last, and where to read on', async () => {
    const readLogs: AlfredClient['readLogs'] = async function* (_job, task) {
      for (const text of [`==> ${task}-step-1.log <==\n`, '\u001b[31mboom\u001b[0m\n', '\n']) yield logText(text);
    };
    const tasks = [
      completed('unit'),
      warned('lint', { endedAt: 9_000, startedAt: 1_000 }),
      failed('e2e', { exitCode: 137, reason: 'out of memory', endedAt: 9_000, startedAt: 1_000 }),
    ];
    const states = [finished(tasks, { scheduledAt, completedAt: 10_000 })];
    const { stderr } = await alfred(['--remote', 'ci', 'run', jobfile], world(server(states, { readLogs })));
    expect(stderr.slice(stderr.indexOf('🏁'))).toMatchInlineSnapshot(`
      "🏁)
      ✅ unit completed (after 9s)
      ⚠️ lint completed with warnings: exit code 42 (after 8s)
      💥 e2e failed: exit code 137, out of memory (after 8s)
      Job 'nightly-brave-otter' failed (📝 3/3 100%, ⏱️ 10s 🏁)

      💥 e2e failed: exit code 137, out of memory (after 8s)
        │ boom
        All of its log: alfred --remote ci logs nightly-brave-otter e2e

      ⚠️ lint completed with warnings: exit code 42 (after 8s)
        │ boom
        All of its log: alfred --remote ci logs nightly-brave-otter lint
      "
    `);
  });

  it('tells many failures by name, and a few in full', async () => {
    const tasks = Array.from({ length: 8 }, (_, index) => failed(`task-${index}`));
    const { stderr } = await alfred(['run', jobfile], world(server([finished(tasks)])));
    expect(stderr).toMatch(/\nAnd 3 more: task-5, task-6, task-7\n$/);
  });

  it('writes a JUnit report', async () => {
    await alfred(['run', jobfile, '--junit', 'report.xml'], world(server([allWell])));
    expect(await readFile(join(folder, 'report.xml'), 'utf8')).toContain('<testcase name="unit" classname="nightly-brave-otter"');
  });

  it('prints a document per change with --json', async () => {
    const { stdout } = await alfred(['run', jobfile, '--json'], world(server([started, allWell])));
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(documents.map(({ type, name, state = null }) => [type, name, state])).toStrictEqual([
      ['jobSeen', JOB, null],
      ['taskChanged', 'unit', 'running'],
      ['taskChanged', 'lint', 'running'],
      ['taskChanged', 'unit', 'completed'],
      ['taskChanged', 'lint', 'completed'],
      ['jobCompleted', JOB, null],
    ]);
  });

  it('looks like this on a terminal', async () => {
    const screen = openScreen({ columns: 70 });
    await alfred(['run', jobfile], world(server([started, allWell]), { io: { stderr: screen.stream, env: { NO_COLOR: '1' } } }));
    expect(await screen.text()).toMatchInlineSnapshot(`
      "
      ✓ built image/Dockerfile in 0s
      ✓ the server has image/Dockerfile already
      ✓ scheduled nightly-brave-otter: 2 tasks
      Job 'nightly-brave-otter' completed (📝 2/2 100%, ⏱️ 10s 🏁)
      ✅  completed  unit, lint (2)
      "
    `);
    expect(await screen.hasCursor()).toBe(true);
  });

  it('writes no escape codes to a dumb terminal, and no colours where none are wanted', async () => {
    for (const [argv, env] of [
      [['run', jobfile], { TERM: 'dumb' }],
      [['run', jobfile, '--no-color'], {}],
      [['run', jobfile], { NO_COLOR: '1' }],
    ] as const) {
      const run = startAlfred(argv, world(server([started, allWell])));
      Object.assign(run.io.stderr, { isTTY: true, columns: 80, rows: 24 });
      await run.exitCode;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what this is about.
      expect(run.stderr()).not.toMatch(/\u001b\[[\d;]*m/);
      if ('TERM' in env) expect(run.stderr()).not.toContain('\u001b');
    }
  });
});

describe('artifacts of alfred run', () => {
  const artifacts: Partial<AlfredClient> = {
    downloadArtifact: async function* (_job, task) {
      if (task === 'lint') throw new ServerRefusedError('lint has no artifact', 'notFound');
      yield Buffer.from(`artifact of ${task}`);
    },
  };

  it('are downloaded as tasks end, when a folder is named', async () => {
    const { states$, watched, client } = stage(artifacts);
    const run = startAlfred(['run', jobfile, '--artifacts', 'out'], world(client));
    await watched;
    states$.next(job([completed('unit'), running('lint')]));
    await expect.poll(() => readdir(join(folder, 'out')).catch(() => []), patience).toStrictEqual(['unit.tar.zst']);
    states$.next(allWell);
    expect(await run.exitCode).toBe(0);
    expect(await readFile(join(folder, 'out', 'unit.tar.zst'), 'utf8')).toBe('artifact of unit');
    expect(await readdir(join(folder, 'out'))).toStrictEqual(['unit.tar.zst']);
    expect(run.stderr()).toMatch(/\n1 artifact in out\/\nTo unpack one: alfred artifact --extract out\/unit.tar.zst\n$/);
  });

  it('are downloaded in any case from a server that ends with the command', async () => {
    const { stderr, exitCode } = await alfred(
      ['run', '--local', jobfile],
      world(server([allWell], artifacts), { isLocal: true }),
    );
    expect(await readdir(join(folder, 'alfred-artifacts', JOB))).toStrictEqual(['unit.tar.zst']);
    expect(stderr).toContain(`1 artifact in alfred-artifacts/${JOB}/`);
    expect(exitCode).toBe(0);
  });

  it('that can not be saved are named, and the command does not exit 0', async () => {
    const downloadArtifact: AlfredClient['downloadArtifact'] = async function* () {
      yield Buffer.from('half of it');
      throw new ServerRefusedError('the disk is broken', 'internal');
    };
    const { stderr, exitCode } = await alfred(
      ['run', jobfile, '--artifacts', 'out'],
      world(server([allWell], { downloadArtifact })),
    );
    expect(stderr).toContain('The artifact of unit could not be saved: the disk is broken');
    expect(exitCode).toBe(3);
    expect(await readdir(join(folder, 'out'))).toStrictEqual([]);
  });

  it('never leave their folder', async () => {
    const states = [finished([completed('../../etc/passwd')])];
    const { stderr, exitCode } = await alfred(['run', jobfile, '--artifacts', 'out'], world(server(states, artifacts)));
    expect(stderr).toContain('The artifact of ../../etc/passwd could not be saved');
    expect(exitCode).toBe(2);
  });
});

describe('--keep-failed', () => {
  it.each(['0s', '-5m', '25h', 'long'])('takes no %s, and says what it takes', async duration => {
    const { exitCode, stderr } = await alfred(['run', `--keep-failed=${duration}`, jobfile]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/--keep-failed.*(at most 24h0m0s|negative|no duration)/);
  });

  it('is part of the job that is handed in', async () => {
    const client = server([allWell]);
    const scheduleJob = vi.fn(client.scheduleJob);
    await alfred(['run', '--keep-failed', '15m', jobfile], world({ ...client, scheduleJob }));
    expect(scheduleJob.mock.calls[0]?.[0].spec.keepFailedMs).toBe(900_000);
  });
});

describe('Ctrl+C', () => {
  it('ends alfred run while it builds', async () => {
    const building = Promise.withResolvers<void>();
    const buildImages: Doors['buildImages'] = (_jobfile, { signal }) => {
      building.resolve();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const run = startAlfred(['run', jobfile], world(server([]), { doors: { buildImages } }));
    await building.promise;
    run.interrupt();
    expect(await run.exitCode).toBe(130);
    expect(run.stderr()).toBe('');
  });

  it('leaves the job running on a server, and says how to get back to it or end it', async () => {
    const { states$, watched, client } = stage();
    const run = startAlfred(['--remote', 'ci', 'run', jobfile], world(client));
    await watched;
    states$.next(started);
    run.interrupt();
    expect(await run.exitCode).toBe(130);
    expect(run.stderr()).toContain(`alfred --remote ci watch ${JOB}\n`);
    expect(run.stderr()).toContain(`alfred --remote ci cancel ${JOB}\n`);
  });

  it('says how to get into what failed and is kept', async () => {
    const { states$, watched, client } = stage();
    const run = startAlfred(['--remote', 'ci', 'run', jobfile], world(client));
    await watched;
    states$.next(job([failed('unit', { keptUntil: 600_000 }), completed('lint')], { scheduledAt }));
    run.interrupt();
    expect(await run.exitCode).toBe(130);
    expect(run.stderr()).toContain(`To get into unit (kept 10m00s): alfred --remote ci exec ${JOB} unit\n`);
  });

  it('cancels the job of a server inside the command, and waits until it is gone', async () => {
    const cancelled: string[] = [];
    const cancelJob = async (jobId: string): Promise<void> => {
      cancelled.push(jobId);
      states$.next(finished([aborted('unit'), aborted('lint')]));
    };
    const { states$, watched, client } = stage({ cancelJob, downloadArtifact: () => bytes('what it made so far') });
    const run = startAlfred(['run', '--local', jobfile], world(client, { isLocal: true }));
    await watched;
    states$.next(started);
    run.interrupt();
    expect(await run.exitCode).toBe(130);
    expect(cancelled).toStrictEqual([JOB]);
    expect(await readdir(join(folder, 'alfred-artifacts', JOB))).toHaveLength(2);
    expect(run.closed()).toBe(1);
  });

  it('leaves at once the second time, and says what may be left', async () => {
    const { states$, watched, client } = stage({ cancelJob: () => new Promise(() => undefined) });
    const run = startAlfred(['run', '--local', jobfile], world(client, { isLocal: true }));
    await watched;
    states$.next(started);
    run.interrupt();
    run.interrupt();
    expect(await run.exitCode).toBe(130);
    expect(run.stderr()).toContain(`docker ps --all --quiet --filter label=alfred.job=${JOB}`);
  });
});

describe('a lost connection', () => {
  it('is no reason for alfred run to end', async () => {
    const { time, advance } = createVirtualTime();
    const connections = [
      concat(
        of(started),
        throwError(() => new ServerUnreachableError('broken pipe')),
      ),
      concat(of(allWell), NEVER),
    ];
    const watchJob = () => connections.shift() ?? NEVER;
    const run = startAlfred(['run', jobfile], world(server([], { watchJob }), { doors: { clock: time.scheduler } }));
    await expect.poll(run.stderr, patience).toContain('connection lost, trying again in 1s: broken pipe');
    await advance(1_000);
    expect(await run.exitCode).toBe(0);
    expect(run.stderr()).toContain('connected again');
  });
});

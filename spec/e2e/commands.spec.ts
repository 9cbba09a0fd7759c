/** What each command says where, and what it exits with, against a live server: for people and for programs, for jobs in every state. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BIN, type Program, said, startServer, type TestServer } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { describeOnEngine } from '../support/engine.ts';

let desk: Desk;
let server: TestServer;

/** Full names, by what became of the job. */
const jobs: Record<'finished' | 'failed' | 'cancelled' | 'running', string> = {
  finished: '',
  failed: '',
  cancelled: '',
  running: '',
};

const alfred = (...args: readonly string[]): Program => desk.alfred(['--remote', server.remote, ...args]);

/** Schedules a job with one task and leaves it alone; its full name. */
const schedule = async (script: string): Promise<string> => {
  const run = alfred('run', '--json', await desk.job({ script, tasks: ['only'] }));
  await said(run, /"state":"running"/);
  run.kill('SIGINT');
  const { stdout } = await run;
  return JSON.parse(stdout.split('\n')[0] ?? '').name;
};

const START_MS = 180_000;

beforeAll(async () => {
  desk = await openDesk();
  server = await startServer('--task-startup-delay', '0s', '--slots-per-node', '8', '--max-nodes', '1');
  const ends = { finished: 'echo made; sleep 1', failed: 'echo broken; sleep 1; exit 7' };
  for (const state of ['finished', 'failed'] as const) {
    jobs[state] = await schedule(ends[state]);
    await alfred('watch', jobs[state]);
  }
  const forEver = 'trap "exit 0" TERM; while true; do echo still here; sleep 0.1; done';
  jobs.cancelled = await schedule(forEver);
  await alfred('cancel', jobs.cancelled);
  jobs.running = await schedule(forEver);
}, START_MS);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await desk[Symbol.asyncDispose]();
}, START_MS);

type Row = {
  /** `JOB` stands for the job's full name. */
  readonly args: string;
  readonly job?: keyof typeof jobs;
  readonly exit: number;
  /** What stdout matches; none: it is empty. */
  readonly out?: RegExp;
  /** What stderr matches; none: it is empty. */
  readonly err?: RegExp;
};

const NOTHING = /^$/;
const DOCUMENTS = /^(\{.*\}(\n|$))+$/;

const ROWS: readonly Row[] = [
  { args: 'version', exit: 0, out: /^client {2}.*\nserver {2}/ },
  { args: 'version --json', exit: 0, out: DOCUMENTS },
  { args: 'ps', exit: 0, out: /^WHEN .*STATE\n(.*(completed|failed|aborted|running)\n?){4}/ },
  { args: 'ps --json', exit: 0, out: DOCUMENTS },
  { args: 'ps --al', exit: 2, err: /unknown option '--al'[\s\S]*--all/ },
  { args: 'show JOB', job: 'finished', exit: 0, out: /^Job '.*' completed/ },
  { args: 'show JOB', job: 'failed', exit: 0, out: /exit code 7/ },
  { args: 'show JOB', job: 'cancelled', exit: 0, out: /aborted/ },
  { args: 'show JOB', job: 'running', exit: 0, out: /^Job '.*' running/ },
  { args: 'show JOB --json', job: 'failed', exit: 0, out: DOCUMENTS },
  { args: 'watch JOB', job: 'finished', exit: 0, err: /completed/ },
  { args: 'watch JOB', job: 'failed', exit: 1, err: /exit code 7/ },
  { args: 'watch JOB', job: 'cancelled', exit: 1, err: /aborted/ },
  { args: 'watch JOB --json', job: 'failed', exit: 1, out: DOCUMENTS, err: /exit code 7/ },
  { args: 'watch -v JOB', job: 'running', exit: 0, out: /running/ },
  { args: 'logs JOB', job: 'finished', exit: 0, out: /Z made$/ },
  { args: 'logs JOB only', job: 'failed', exit: 0, out: /^==> only-step-1\.log <==\n.*Z broken$/ },
  { args: 'logs -f JOB only', job: 'failed', exit: 0, out: /Z broken$/ },
  { args: 'logs JOB', job: 'cancelled', exit: 0, out: /still here/ },
  { args: 'logs JOB -n 1 --no-timestamps', job: 'running', exit: 0, out: /^still here$/ },
  { args: 'logs JOB --json', job: 'finished', exit: 0, out: DOCUMENTS },
  { args: 'logs JOB nobody', job: 'finished', exit: 3, err: /^alfred: .*nobody/ },
  { args: 'logs JOB -n none', job: 'finished', exit: 2, err: /'none' is invalid/ },
  { args: 'artifact JOB only -o saved', job: 'finished', exit: 0, out: /only\.tar\.zst$/, err: /./ },
  { args: 'artifact JOB only -o saved --json', job: 'failed', exit: 0, out: DOCUMENTS, err: /./ },
  { args: 'artifact JOB only -o saved', job: 'running', exit: 0, out: /only\.tar\.zst$/, err: /a snapshot: the task still runs/ },
  { args: 'cancel JOB', job: 'finished', exit: 0, err: /had ended already/ },
  { args: 'cancel JOB', job: 'cancelled', exit: 0, err: /had ended already/ },
  { args: 'exec JOB only -- true', job: 'failed', exit: 3, err: /ended/ },
  { args: 'rerun JOB --failed', job: 'finished', exit: 3, err: /./ },
  { args: 'completion bash', exit: 0, out: /complete/ },
  { args: 'completion tcsh', exit: 2, err: /tcsh/ },
  { args: 'schema', exit: 0, out: /json-schema\.org/ },
  { args: 'chekc job.yaml', exit: 2, err: /check/ },
];

const fitted = ({ args, job }: Row): readonly string[] =>
  args.split(' ').map(word => (word === 'JOB' && job !== undefined ? jobs[job] : word));

describeOnEngine('a command line', () => {
  it.each(ROWS)('alfred $args, of a $job job, exits $exit', async row => {
    const { exitCode, stdout, stderr } = await alfred(...fitted(row));
    expect({ exitCode, stdout, stderr }).toStrictEqual({
      exitCode: row.exit,
      stdout: expect.stringMatching(row.out ?? NOTHING),
      stderr: expect.stringMatching(row.err ?? NOTHING),
    });
  });

  it.each(['watch', 'show', 'logs', 'logs -f', 'artifact', 'cancel', 'rerun', 'exec'])(
    'alfred %s, of a job that nobody knows, says so on stderr and what lists them',
    async command => {
      const task = command === 'exec' ? ['only'] : [];
      const { exitCode, stdout, stderr } = await alfred(...command.split(' '), 'nobody-red-fox', ...task);
      expect({ exitCode, stdout, stderr }).toStrictEqual({
        exitCode: 3,
        stdout: '',
        stderr: 'alfred: there is no job "nobody-red-fox": "alfred ps" lists the jobs',
      });
    },
  );

  it.each([
    'version',
    'ps',
    'watch JOB',
    'show JOB',
    'logs JOB',
    'logs -f JOB',
    'artifact JOB',
    'cancel JOB',
    'rerun JOB',
    'exec JOB only',
  ])('alfred %s, with no server there, says where it looked and exits 3', async command => {
    for (const flags of [[], ['--json']]) {
      if (command.startsWith('exec') && flags.length > 0) continue;
      const args = command.replace('JOB', jobs.finished).split(' ');
      const { exitCode, stderr } = await desk.alfred(['--remote', '127.0.0.1:1', ...flags, ...args]);
      expect({ exitCode, stderr }).toStrictEqual({
        exitCode: 3,
        stderr: expect.stringMatching(/^alfred: can't reach the server at 127\.0\.0\.1:1: nothing listens there/),
      });
    }
  });

  it.each([
    {
      line: "alfred ps --json | node -e \"process.stdin.on('data', text => String(text).trim().split('\\n').map(JSON.parse))\"",
      exit: 0,
      out: '',
    },
    { line: 'alfred logs -f RUNNING only | head -1', exit: 0, out: '==> only-step-1.log <==\n' },
    { line: 'alfred ps && echo ok | tail -1 >/dev/null && echo ok', exit: 0, out: expect.stringMatching(/ok\n$/) },
    { line: 'alfred watch FAILED 2>/dev/null && echo ok', exit: 1, out: '' },
  ])('in a shell, $line', async ({ line, exit, out }) => {
    const script = `set -o pipefail; alfred() { '${join(BIN, 'alfred')}' --remote '${server.remote}' "$@"; }; ${line.replace('RUNNING', jobs.running).replace('FAILED', jobs.failed)}`;
    const {
      code = 0,
      stdout,
      stderr,
    } = await promisify(execFile)('bash', ['-c', script], { cwd: desk.path }).catch(error => error);
    expect({ code, stdout, stderr }).toStrictEqual({ code: exit, stdout: out, stderr: '' });
  });
});

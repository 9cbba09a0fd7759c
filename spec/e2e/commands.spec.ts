/** What each command says where, and what it exits with, against a live server: for people and for programs, for jobs in every state. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DOCUMENTS } from '../../src/cli/documents.ts';
import { BIN, type Program, said, startServer, type TestServer } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { describeOnEngine } from '../support/engine.ts';

let desk: Desk;
let server: TestServer;

/** Full names, by what became of the job; in rows they stand for them. */
const jobs = { FINISHED: '', FAILED: '', CANCELLED: '', RUNNING: '', DOOMED: '' };

const alfred = (...args: readonly string[]): Program => desk.alfred(['--remote', server.remote, ...args]);

/** Schedules a job with one task; its full name. */
const schedule = async (script: string): Promise<string> =>
  (await alfred('run', '--async', await desk.job({ script, tasks: ['only'] }))).stdout;

const START_MS = 180_000;

beforeAll(async () => {
  desk = await openDesk();
  server = await startServer('--task-startup-delay', '0s', '--slots-per-node', '8', '--max-nodes', '1');
  const forEver = 'trap "exit 0" TERM; while true; do echo still here; sleep 0.1; done';
  for (const job of ['CANCELLED', 'RUNNING', 'DOOMED'] as const) {
    jobs[job] = await schedule(forEver);
    const logs = alfred('logs', '-f', jobs[job]);
    await said(logs, /still here/);
    logs.kill('SIGINT');
    await logs;
  }
  await alfred('cancel', jobs.CANCELLED);
  jobs.FAILED = await schedule('echo broken; exit 7');
  await alfred('watch', jobs.FAILED);
  jobs.FINISHED = await schedule('echo made');
  await alfred('watch', jobs.FINISHED);
  await writeFile(join(desk.path, 'broken.yaml'), 'version: "1"\nname: broken\ntaks: [only]\n');
}, START_MS);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await desk[Symbol.asyncDispose]();
}, START_MS);

type Row = {
  readonly args: string;
  /** @default 0 */
  readonly exit?: number;
  /** What stdout matches; none: it is empty. */
  readonly out?: RegExp;
  /** What stderr matches; none: it is empty. */
  readonly err?: RegExp;
  /** What the last document matches that `--json` prints; none: it is not tried. Its errors and exit code are the same. */
  readonly json?: object;
};

/** In this order. `job.yaml` is the last one that was scheduled. */
const ROWS: readonly Row[] = [
  { args: 'version', out: /^client {2}.*\nserver {2}/, json: { server: { version: expect.any(String) } } },
  {
    args: 'ps',
    out: /^WHEN .*STATE\n.*aborted\n.*running\n.*running\n.*failed\n.*completed$/,
    json: { exitCode: 0, tasksEnded: 1, tasksTotal: 1 },
  },
  { args: 'ps --all', out: /^WHEN .*\n(.*\n){4}.*completed$/, json: { tasksUnreachable: 0 } },

  { args: 'show FINISHED', out: /^Job '.*' completed/, json: { exitCode: 0, tasks: [{ state: 'completed' }] } },
  { args: 'show FAILED', out: /exit code 7/, json: { exitCode: 1, tasks: [{ state: 'failed', exitCode: 7 }] } },
  { args: 'show CANCELLED', out: /^Job '.*' aborted/, json: { exitCode: 1, tasks: [{ state: 'aborted' }] } },
  { args: 'show RUNNING', out: /^Job '.*' running/, json: { completedAt: null, tasks: [{ state: 'running' }] } },

  { args: 'watch FINISHED', err: /completed/, json: { type: 'jobCompleted', exitCode: 0 } },
  { args: 'watch FAILED', exit: 1, err: /exit code 7/, json: { type: 'jobCompleted', exitCode: 1 } },
  { args: 'watch CANCELLED', exit: 1, err: /aborted/, json: { type: 'jobCompleted', exitCode: 1 } },
  { args: 'watch -v RUNNING', out: /running/, json: { completedAt: null, tasks: [{ name: 'only' }] } },

  { args: 'logs FINISHED', out: /Z made$/, json: { task: 'only', file: 'only-step-1.log', text: 'made' } },
  { args: 'logs FAILED only', out: /^==> only-step-1\.log <==\n.*Z broken$/, json: { text: 'broken' } },
  { args: 'tail -f FAILED only', out: /Z broken$/, json: { text: 'broken' } },
  { args: 'logs CANCELLED', out: /still here/, json: { text: 'alfred: stopped' } },
  { args: 'logs RUNNING -n 1 --no-timestamps', out: /^still here$/, json: { text: 'still here' } },

  { args: 'artifact FINISHED', out: /^only\.tar\.zst$/, err: /✓ only: /, json: { task: 'only', isSnapshot: false } },
  { args: 'artifact FAILED only -o unpacked --extract', out: /^unpacked\/only$/, err: /✓ only: / },
  { args: 'artifact CANCELLED -o saved', out: /^saved\/only\.tar\.zst$/, err: /✓ only: /, json: { task: 'only' } },
  { args: 'artifact RUNNING -o saved', out: /^saved\//, err: /a snapshot: the task still runs/, json: { isSnapshot: true } },
  { args: 'artifact --extract saved/only.tar.zst', out: /^saved\/only$/ },
  { args: '--json artifact --extract saved/only.tar.zst -o more', out: /^\{"path":".*\/more\/only"\}$/ },

  { args: 'exec RUNNING only -- /bin/busybox echo beside', out: /^beside$/ },
  { args: 'exec RUNNING only -- /bin/busybox sh -c exit\\ 9', exit: 9 },
  { args: 'exec FINISHED only -- true', exit: 3, err: /ended/ },
  { args: 'exec FAILED only -- true', exit: 3, err: /ended/ },
  { args: 'exec CANCELLED only -- true', exit: 3, err: /ended/ },

  { args: 'check job.yaml', err: /is fine: job .*, 1 step, 0 services, 1 task$/ },
  { args: 'check broken.yaml', exit: 2, err: /taks.*[\s\S]*tasks/ },
  { args: 'run -n job.yaml', out: /^version: "1"\nname: spec-/, json: { tasks: [{ name: 'only', slots: 1 }] } },
  { args: 'run job.yaml', err: /✓ scheduled .*completed/s, json: { type: 'jobCompleted', exitCode: 0 } },
  { args: 'run --async job.yaml', out: /^spec-\w+-\w+-\w+$/, err: /✓ scheduled/, json: { name: expect.any(String) } },
  { args: 'rerun FINISHED', err: /✓ scheduled .* again\n.*completed/s, json: { type: 'jobCompleted', exitCode: 0 } },
  { args: 'rerun FAILED --failed', exit: 1, err: /exit code 7/, json: { type: 'jobCompleted', exitCode: 1 } },
  { args: 'rerun FINISHED --failed', exit: 3, err: /nothing is run again$/ },

  { args: 'cancel FINISHED', err: /^.* had ended already$/ },
  { args: 'cancel FAILED only', err: /^only of .* had ended already$/ },
  { args: 'cancel DOOMED', err: /^cancelled .*: 1 task$/ },
  { args: 'cancel DOOMED', err: /^.* had ended already$/ },

  { args: 'schema', out: /json-schema\.org/, json: { $schema: expect.any(String) } },
  { args: 'completion bash', out: /complete/ },
  { args: 'completion zsh', out: /compdef/ },
  { args: 'completion fish', out: /complete/ },
];

/** Nothing is done, and what there is to say names the way out. */
const REFUSED: readonly Row[] = [
  { args: 'rnu job.yaml', exit: 2, err: /^alfred: unknown command 'rnu' \(Did you mean run\?\)/ },
  { args: 'ps --al', exit: 2, err: /unknown option '--al' \(Did you mean --all\?\)/ },
  { args: 'ps everything', exit: 2, err: /too many arguments for 'ps'/ },
  { args: 'version now', exit: 2, err: /too many arguments/ },
  { args: 'run', exit: 2, err: /missing required argument 'jobfile'/ },
  { args: 'run nowhere.yaml', exit: 2, err: /nowhere\.yaml/ },
  { args: 'run broken.yaml', exit: 2, err: /taks/ },
  { args: 'run job.yaml -p novalue', exit: 2, err: /expected KEY=VALUE/ },
  { args: 'run job.yaml --keep-failed 0s', exit: 2, err: /expected more than 0/ },
  { args: 'watch', exit: 2, err: /missing required argument 'job'/ },
  { args: 'watch FINISHED FAILED', exit: 2, err: /too many arguments/ },
  { args: 'show', exit: 2, err: /missing required argument 'job'/ },
  { args: 'logs FINISHED -n none', exit: 2, err: /'none' is invalid/ },
  { args: 'logs FINISHED --since yesterday', exit: 2, err: /'yesterday' is invalid/ },
  { args: 'logs FINISHED --grep (', exit: 2, err: /'\(' is invalid/ },
  { args: 'logs FINISHED nobody', exit: 3, err: /^alfred: .*nobody/ },
  { args: 'artifact FINISHED nobody', exit: 3, err: /^alfred: .*nobody/ },
  { args: 'cancel FINISHED nobody', exit: 3, err: /^alfred: .*nobody/ },
  { args: 'exec RUNNING', exit: 2, err: /missing required argument 'task'/ },
  { args: 'exec RUNNING nobody -- true', exit: 3, err: /^alfred: .*nobody/ },
  { args: 'exec RUNNING only --json', exit: 2, err: /leave out --json/ },
  { args: 'rerun', exit: 2, err: /missing required argument 'job'/ },
  { args: 'top', exit: 2, err: /needs a terminal/ },
  { args: 'top --json', exit: 2, err: /ask alfred ps --json/ },
  { args: 'check', exit: 2, err: /missing required argument 'jobfile'/ },
  { args: 'schema jobs', exit: 2, err: /too many arguments/ },
  { args: 'completion tcsh', exit: 2, err: /Allowed choices are bash, zsh, fish/ },
];

const wordsOf = (args: string): readonly string[] =>
  args.split(/(?<!\\) /).map(word => jobs[word as keyof typeof jobs] ?? word.replaceAll('\\ ', ' '));

const NOTHING = /^$/;

const expectAsSaid = async (program: Program, { exit = 0, out = NOTHING, err = NOTHING }: Omit<Row, 'args'>): Promise<void> => {
  const { exitCode, stdout, stderr } = await program;
  expect({ exitCode, stdout, stderr }).toStrictEqual({
    exitCode: exit,
    stdout: expect.stringMatching(out),
    stderr: expect.stringMatching(err),
  });
};

/** Each line is a document of the shape that is promised for the command. */
const documentsOf = (command: string, stdout: string): readonly unknown[] => {
  const documents = stdout.split('\n').map(line => JSON.parse(line));
  if (command in DOCUMENTS) for (const document of documents) DOCUMENTS[command as keyof typeof DOCUMENTS].parse(document);
  return documents;
};

describeOnEngine('a command line', () => {
  for (const row of ROWS) {
    it(`alfred ${row.args}`, () => expectAsSaid(alfred(...wordsOf(row.args)), row));
    if (row.json === undefined) continue;
    it(`alfred ${row.args} --json`, async () => {
      const program = alfred('--json', ...wordsOf(row.args));
      await expectAsSaid(program, { ...row, out: /./ });
      const command = row.args.split(' ')[0] ?? '';
      expect(documentsOf(command, (await program).stdout).at(-1)).toMatchObject(row.json ?? {});
    });
  }

  it('alfred check broken.yaml --json', async () => {
    const { exitCode, stdout, stderr } = await alfred('--json', 'check', 'broken.yaml');
    expect({ exitCode, stderr }).toStrictEqual({ exitCode: 2, stderr: '' });
    expect(documentsOf('check', stdout)).toContainEqual(expect.objectContaining({ type: 'mistake', suggestion: 'tasks' }));
  });

  it.each(REFUSED)('alfred $args is refused', row => expectAsSaid(alfred(...wordsOf(row.args)), row));
});

const OF_A_JOB = ['watch', 'show', 'logs', 'logs -f', 'artifact', 'cancel', 'rerun', 'exec'] as const;

/** `exec` has no data of its own to print. */
const flagsFor = (command: string): readonly (readonly string[])[] => (command.startsWith('exec') ? [[]] : [[], ['--json']]);

describeOnEngine('a command about a job that nobody knows', () => {
  it.each(OF_A_JOB)('alfred %s says so on stderr, and what lists those there are', async command => {
    const words = [...command.split(' '), 'nobody-red-fox', ...(command === 'exec' ? ['only'] : [])];
    const err = /^alfred: there is no job "nobody-red-fox": "alfred ps" lists the jobs$/;
    for (const flags of flagsFor(command)) await expectAsSaid(alfred(...flags, ...words), { exit: 3, err });
  });
});

describeOnEngine('a command with no server there', () => {
  const lost = (...args: readonly string[]): Program => desk.alfred(['--remote', '127.0.0.1:1', ...args]);
  const err = /^alfred: can't reach the server at 127\.0\.0\.1:1: nothing listens there/;

  it.each([...OF_A_JOB, 'ps', 'run'])('alfred %s says on stderr where it looked', async command => {
    const what = { ps: [], run: ['job.yaml'], exec: ['spec', 'only'] }[command] ?? ['spec'];
    for (const flags of flagsFor(command)) await expectAsSaid(lost(...flags, ...command.split(' '), ...what), { exit: 3, err });
  });

  it("alfred version tells the client's half", async () => {
    await expectAsSaid(lost('version'), { exit: 3, out: /^client {2}\S+ \(\S+\)$/, err });
    await expectAsSaid(lost('version', '--json'), { exit: 3, out: /^\{"client":.*"server":null\}$/, err });
  });

  it.each([
    { args: 'check job.yaml', err: /is fine/ },
    { args: 'run -n job.yaml', out: /^version/ },
    { args: 'artifact --extract saved/only.tar.zst -o again', out: /^again\/only$/ },
    { args: 'schema', out: /./ },
    { args: 'completion bash', out: /./ },
  ] satisfies readonly Row[])('alfred $args does without', row => expectAsSaid(lost(...wordsOf(row.args)), row));
});

describeOnEngine('a command in a shell', () => {
  it.each([
    { line: "alfred ps --json | jq -r 'select(.completedAt == null).name' | grep -c .", exit: 0, out: '1\n' },
    { line: 'alfred run job.yaml 2>/dev/null && echo ok', exit: 0, out: 'ok\n' },
    { line: 'alfred rerun $FAILED 2>/dev/null && echo ok', exit: 1, out: '' },
    {
      line: 'name=$(alfred run --async job.yaml 2>/dev/null) && alfred watch "$name" 2>/dev/null && echo ok',
      exit: 0,
      out: 'ok\n',
    },
    { line: 'alfred logs -f $RUNNING only | head -1', exit: 0, out: '==> only-step-1.log <==\n' },
    { line: 'alfred logs -f --no-timestamps $RUNNING | head -1', exit: 0, out: 'still here\n' },
    { line: 'alfred ps | head -1', exit: 0, out: expect.stringMatching(/^WHEN .*\n$/) },
  ])('$line', async ({ line, exit, out }) => {
    const script = `set -o pipefail; alfred() { '${join(BIN, 'alfred')}' --remote '${server.remote}' "$@"; }; ${line}`;
    const options = { cwd: desk.path, env: { ...process.env, ...jobs } };
    const { code = 0, stdout, stderr } = await promisify(execFile)('bash', ['-c', script], options).catch(error => error);
    expect({ code, stdout, stderr }).toStrictEqual({ code: exit, stdout: out, stderr: '' });
  });
});

/** What users, and clients that are not ours, get wrong: told in words that help, and nothing has changed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  AlfredClient,
  type Job,
  type JobsList,
  type LoadImageMessage,
  LoadImageResponse_Status,
} from '../../src/rpc/generated/alfred.ts';
import { type Program, startServer, type TestServer } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { describeOnEngine } from '../support/engine.ts';

let desk: Desk;
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  desk = await openDesk();
});

afterEach(() => desk[Symbol.asyncDispose]());

const alfred = (...args: readonly string[]): Program => desk.alfred(['--remote', server.remote, ...args]);

const JOBFILE = `version: "1"
name: spec
steps:
  - { dockerfile: Dockerfile, context: . }
tasks: [one, two]
`;

describeOnEngine('alfred run, given', () => {
  const run = (...args: readonly string[]): Program => alfred('run', ...args);

  const writeJobfile = async (text: string): Promise<void> => {
    await desk.job({ script: 'true', tasks: ['one'] });
    await writeFile(join(desk.path, 'job.yaml'), text);
  };

  it.each([
    ['no jobfile', [], 2, /missing required argument 'jobfile'/],
    ['a jobfile that is not there', ['nowhere.yaml'], 2, /^nowhere\.yaml: there is no such file$/],
    ['a folder', ['.'], 2, /^\.: .*folder/],
    ['an option that it does not know', ['job.yaml', '--abort-on-eror'], 2, /--abort-on-eror.*--abort-on-error/],
    ['a parameter without a value', ['job.yaml', '-p', 'BRANCH'], 2, /KEY=VALUE/],
  ])('%s, says so in one line', async (_, args, exitCode, words) => {
    const { stderr, ...ended } = await run(...args);

    expect({ exitCode: ended.exitCode, lines: stderr.split('\n') }).toEqual({ exitCode, lines: [expect.stringMatching(words)] });
  });

  it.each([
    ['broken YAML', `${JOBFILE}env: {A: 1`, /^job\.yaml:\d+:\d+: not valid YAML/],
    ['an unknown key', JOBFILE.replace('tasks:', 'tsaks:'), /^job\.yaml:5:1: unknown key `tsaks`[\s\S]*did you mean `tasks`/],
    ['a name that leaves its folder', JOBFILE.replace('name: spec', 'name: ../spec'), /^job\.yaml:2:7: `name` can't be/],
    ['a task name that leaves its folder', JOBFILE.replace('two', '../two'), /^job\.yaml:5:14: `tasks\[1\]` can't be/],
    ['the same task twice', JOBFILE.replace('two', 'one'), /^job\.yaml:5:14: .*one/],
    ['no tasks', JOBFILE.replace('[one, two]', '[]'), /^job\.yaml:5:1: `tasks` is empty/],
    ['no steps', JOBFILE.replace(/steps:\n.*/, 'steps: []'), /^job\.yaml:3:1: `steps` is empty/],
    ['a Dockerfile that is not there', JOBFILE.replace('Dockerfile', 'Dokcerfile'), /^job\.yaml:4:\d+: .*Dokcerfile/],
    ['a context that is not there', JOBFILE.replace('context: .', 'context: nowhere'), /^job\.yaml:4:\d+: .*nowhere/],
  ])('%s, names the place and exits 2', async (_, jobfile, words) => {
    await writeJobfile(jobfile);

    const { exitCode, stderr } = await run('job.yaml');

    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(words) });
  });

  it('a build that fails, shows what the build said and exits 2', async () => {
    await writeJobfile(JOBFILE);
    await writeFile(join(desk.path, 'Dockerfile'), 'FROM scratch\nCOPY no-such-file /\n');

    const { exitCode, stderr } = await run('job.yaml');

    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/no-such-file[\s\S]*Dockerfile: .*build/),
    });
  });

  it('a task wider than a node, passes on what the server says and exits 3', async () => {
    const job = await desk.job({ script: 'true', tasks: ['narrow', { name: 'wide', slots: 3 }] });

    const { exitCode, stderr } = await run(job);

    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringMatching(/^alfred: .*wide.*3 slots.*2/m) });
  });

  it('no Docker engine, says where it looked and exits 2', async () => {
    const job = await desk.job({ script: 'true', tasks: ['one'] });
    const env = { DOCKER_HOST: `unix://${desk.path}/no-engine.sock` };

    const { exitCode, stderr } = await desk.alfred(['run', '--local', job], env);

    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(/^alfred: .*no-engine\.sock/m) });
  });

  it('a server that does not answer, names it and exits 3', async () => {
    const job = await desk.job({ script: 'true', tasks: ['one'] });

    const { exitCode, stderr } = await desk.alfred(['--remote', '127.0.0.1:1', 'run', job]);

    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringMatching(/^alfred: .*127\.0\.0\.1:1/m) });
  });
});

describeOnEngine('alfred watch, given', () => {
  it.each([
    ['a job that nobody knows', 'no-such-job', 3, /no-such-job/],
    ['a name that is none', '../etc/passwd', 3, /\.\.\/etc\/passwd/],
  ])('%s, says so in one line', async (_, name, exitCode, words) => {
    const { stderr, ...ended } = await alfred('watch', name);

    expect({ exitCode: ended.exitCode, lines: stderr.split('\n') }).toEqual({ exitCode, lines: [expect.stringMatching(words)] });
  });
});

/** The magic number of a zstd frame, and its header: nothing can follow but more. */
const START_OF_ZSTD = Buffer.from('28b52ffd0458', 'hex');

const init = (imageId: string): LoadImageMessage['message'] => ({ $case: 'init', value: { imageId } });

const data = (content: string | Buffer): LoadImageMessage['message'] => {
  const chunk = Buffer.from(content);
  return { $case: 'data', value: { chunk, length: chunk.length } };
};

const done = (): LoadImageMessage['message'] => ({ $case: 'done', value: {} });

const service = (name: string): Job['services'][number] => ({
  name,
  image: 'redis:7',
  env: [],
  health: undefined,
  command: [],
  tmpfs: [],
});

describeOnEngine('a client that is not ours', () => {
  const IMAGE_ID = `sha256:${'ab'.repeat(32)}`;
  let client: AlfredClient;
  let before: unknown;

  beforeEach(async () => {
    client = new AlfredClient(server.remote, credentials.createInsecure());
    before = await world();
  });

  afterEach(async () => {
    expect(await world()).toEqual(before);
    client.close();
  });

  /** What a refused request must leave as it was. Other images than ours may come and go. */
  const world = async () => ({
    jobs: await jobs(),
    hasImage: !(await execa('docker', ['image', 'inspect', IMAGE_ID], { reject: false })).failed,
  });

  const jobs = (): Promise<JobsList> =>
    new Promise((resolve, reject) => {
      const call = client.watchJobs({});
      call.once('data', list => {
        resolve(list);
        call.cancel();
      });
      call.on('error', reject);
    });

  /** The status of a unary call, `OK` included. */
  const statusOf = (call: (done: (error: ServiceError | null) => void) => unknown): Promise<string | undefined> =>
    new Promise(resolve => call(error => resolve(status[error?.code ?? status.OK])));

  /** The status with which a stream of the server ends. */
  const endOf = (call: NodeJS.ReadableStream): Promise<string | undefined> =>
    new Promise(resolve => {
      call.on('data', () => {});
      call.on('error', (error: ServiceError) => resolve(status[error.code]));
      call.on('status', ({ code }) => resolve(status[code]));
    });

  const JOB: Job = {
    name: 'spec',
    about: '',
    steps: [IMAGE_ID],
    env: [],
    secrets: [],
    services: [],
    tasks: [{ name: 'one', slots: 1 }],
  };

  it.each<[string, Job | undefined]>([
    ['without a job', undefined],
    ['whose name leaves its folder', { ...JOB, name: '../spec' }],
    ['whose name has a slash', { ...JOB, name: 'spec/two' }],
    ['without a name', { ...JOB, name: '' }],
    ['without tasks', { ...JOB, tasks: [] }],
    ['without steps', { ...JOB, steps: [] }],
    ['with a task whose name leaves its folder', { ...JOB, tasks: [{ name: '..', slots: 1 }] }],
    ['with the same task twice', { ...JOB, tasks: [...JOB.tasks, ...JOB.tasks] }],
    ['with a task wider than a node', { ...JOB, tasks: [{ name: 'wide', slots: 3 }] }],
    ['with a step that is no image id', { ...JOB, steps: ['--privileged'] }],
    ['with a key that is none', { ...JOB, env: [{ key: 'A B', value: '' }] }],
    ['with a secret that leaves its folder', { ...JOB, secrets: [{ key: 'TOKEN', value: '../../etc/shadow' }] }],
    ['with a service whose name has a slash', { ...JOB, services: [service('a/b')] }],
  ])('submits a request %s: INVALID_ARGUMENT', async (_, job) => {
    const request = { job, jobfile: '', commandLine: '', startedBy: '' };

    expect(await statusOf(done => client.scheduleJob(request, done))).toBe('INVALID_ARGUMENT');
  });

  it.each([
    ['../../etc', 'passwd', 'INVALID_ARGUMENT'],
    ['some-job', '../other', 'INVALID_ARGUMENT'],
    ['some-job', 'a/b', 'INVALID_ARGUMENT'],
    ['', '', 'INVALID_ARGUMENT'],
    ['some-unknown-job', 'task', 'NOT_FOUND'],
  ])('names the job %j and the task %j: %s', async (job, task, code) => {
    expect(await statusOf(done => client.cancelJob({ name: task === 'task' ? job : `${job}/${task}` }, done))).toBe(code);
    expect(await statusOf(done => client.cancelTask({ job, task }, done))).toBe(code);
    expect(await endOf(client.downloadArtifact({ job, task }))).toBe(code);
    expect(await endOf(client.streamTaskLogs({ job, task, tailLines: 0, follow: true, seen: [] }))).toBe(code);
    expect(await endOf(client.watchJob({ name: task === 'task' ? job : `${job}/${task}` }))).toBe(code);
  });

  it.each<[string, readonly LoadImageMessage['message'][], string]>([
    ['sends nothing', [], 'INVALID_ARGUMENT'],
    ['starts without init', [data('x'), done()], 'INVALID_ARGUMENT'],
    ['names an image that is none', [init('../../image'), done()], 'INVALID_ARGUMENT'],
    ['sends garbage', [init(IMAGE_ID), data('this is no archive'), done()], 'INVALID_ARGUMENT'],
    ['stops in the middle', [init(IMAGE_ID), data(START_OF_ZSTD)], 'INVALID_ARGUMENT'],
    ['sends half an archive', [init(IMAGE_ID), data(START_OF_ZSTD), done()], 'INVALID_ARGUMENT'],
    ['says init twice', [init(IMAGE_ID), init(IMAGE_ID)], 'INVALID_ARGUMENT'],
    ['sends no image at all', [init(IMAGE_ID), done()], 'INVALID_ARGUMENT'],
  ])('uploads an image and %s: refused', async (_, messages, code) => {
    const call = client.loadImage(new Metadata());
    const ended = endOf(call);
    for (const message of messages) call.write({ message });
    call.end();

    expect(await ended).toBe(code);
  });

  it('goes away in the middle of an upload, and the next one is taken', async () => {
    const call = client.loadImage(new Metadata());
    const goesOn = new Promise(resolve => call.once('data', resolve));
    call.on('error', () => {});
    call.write({ message: init(IMAGE_ID) });
    expect(await goesOn).toMatchObject({ status: LoadImageResponse_Status.CONTINUE });
    call.write({ message: data(START_OF_ZSTD) });

    call.cancel();

    expect(await statusOf(done => client.ping({}, done))).toBe('OK');
  });
});

import { describe, expect, it } from 'vitest';
import { createDockerTaskShell } from '../../src/docker/exec.ts';
import type { ExecRequest } from '../../src/domain/exec.ts';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import type { TaskShell } from '../../src/engine/ports.ts';
import { silentLog } from '../rpc/silent-log.ts';
import { type Answer, type Answers, fakeEngine, send } from './fake-engine.ts';

const never = new AbortController().signal;
const request: ExecRequest = { jobId: 'nightly-red-fox' as JobId, taskName: 'unit', command: [], terminal: null };

/** Asks for a shell on an engine that has these containers of the task, and answers nothing else. */
const open = async (containers: readonly object[], answers: Answers = {}, how: keyof TaskShell = 'open') => {
  let filters: unknown = null;
  await using fake = await fakeEngine({
    'GET /containers/json': (answer, { url }) => {
      filters = JSON.parse(url.searchParams.get('filters') ?? '');
      send(answer, 200, containers);
    },
    ...answers,
  });
  const shell = createDockerTaskShell({ instance: 'me', hostOf: async () => ({ engine: fake.engine }), log: silentLog });
  const result = await shell[how]('node-1' as NodeId, request, never);
  return { result, filters, asked: fake.asked };
};

const step = (number: number, State: string) => ({
  Id: `step-${number}`,
  State,
  Labels: { 'alfred.role': 'step', 'alfred.step': String(number) },
});
const service = { Id: 'db', State: 'running', Labels: { 'alfred.service': 'db' } };

describe('a shell in a task', () => {
  it.each([
    ['its services are being started', [service], /no step yet/],
    ['its step is about to start', [service, step(1, 'created')], /step 1 is about to start/],
    ['it is between two steps', [step(1, 'exited'), service], /step 1 has just ended/],
    ['a later step is about to start', [step(10, 'created'), step(9, 'exited')], /step 10 is about to start/],
  ])('is refused while %s, in words that say what is going on', async (_, containers, words) => {
    const { result, asked } = await open(containers);
    expect(result).toMatchObject({ ok: false, refusal: { type: 'notRunning', message: expect.stringMatching(words) } });
    expect(asked).toEqual(['GET /containers/json']);
  });

  it('is only looked for in containers of this server, this job and this task', async () => {
    const { filters } = await open([]);
    expect(filters).toEqual({ label: ['alfred.server=me', 'alfred.job=nightly-red-fox', 'alfred.task=unit'] });
  });

  it('is opened in the step that runs, wherever in the list it stands', async () => {
    const refuse: Answers = { 'POST /containers': (answer, { url }) => send(answer, 404, { message: `not in ${url.pathname}` }) };
    await expect(open([step(9, 'exited'), step(10, 'running'), service], refuse)).rejects.toThrow(
      'not in /containers/step-10/exec',
    );
  });
});

describe('a shell in a task that failed and is kept', () => {
  const standsIn = (State: string) => ({ Id: 'stands-in', State, Labels: { 'alfred.role': 'exec', 'alfred.step': '1' } });
  const failsToExec: Answers = {
    'POST /containers/stands-in/exec': (answer, { url }) => send(answer, 404, { message: `not in ${url.pathname}` }),
  };
  const makesOne = (start: Answer): Answers => ({
    'GET /containers/step-2/json': answer => send(answer, 200, { HostConfig: { NetworkMode: 'the-network' } }),
    'POST /commit': answer => send(answer, 201, { Id: 'sha256:left' }),
    'POST /containers/create': answer => send(answer, 201, { Id: 'stands-in' }),
    'POST /containers/stands-in/start': start,
    ...failsToExec,
  });

  it('is opened where others are in already', async () => {
    await expect(open([step(1, 'exited'), standsIn('running')], failsToExec, 'openKept')).rejects.toThrow('not in /containers');
  });

  it('is opened in a container of what the last step left, which is made for it in the same network with the same volumes', async () => {
    let commit = '';
    let created: unknown = null;
    const answers: Answers = {
      ...makesOne(answer => send(answer, 204)),
      'POST /commit': (answer, { url }) => {
        commit = url.searchParams.get('container') ?? '';
        send(answer, 201, { Id: 'sha256:left' });
      },
      'POST /containers/create': (answer, { body }) => {
        created = body;
        send(answer, 201, { Id: 'stands-in' });
      },
    };
    await expect(open([step(1, 'exited'), step(2, 'exited'), service], answers, 'openKept')).rejects.toThrow(
      'not in /containers',
    );
    expect(commit).toBe('step-2');
    expect(created).toMatchObject({
      Image: 'sha256:left',
      Labels: { 'alfred.role': 'exec' },
      HostConfig: { NetworkMode: 'the-network', VolumesFrom: ['step-2'] },
    });
  });

  it('is opened in the one that is there, started again, after a restart of the engine', async () => {
    const { asked } = await open(
      [step(1, 'exited'), standsIn('exited')],
      { 'POST /containers/stands-in/start': answer => send(answer, 400, { message: 'no sh' }) },
      'openKept',
    );
    expect(asked).toEqual(['GET /containers/json', 'POST /containers/stands-in/start']);
  });

  it('is refused where the image has no shell, and where nothing is left', async () => {
    const noShell = makesOne(answer => send(answer, 400, { message: 'exec: "sh": executable file not found' }));
    expect((await open([step(2, 'exited')], noShell, 'openKept')).result).toMatchObject({
      refusal: { type: 'notRunning', message: expect.stringMatching(/has no shell to wait in.*"sh"/) },
    });
    expect((await open([service], {}, 'openKept')).result).toMatchObject({ refusal: { type: 'notRunning' } });
  });
});

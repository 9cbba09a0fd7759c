import { describe, expect, it } from 'vitest';
import { createDockerTaskShell } from '../../src/docker/exec.ts';
import type { ExecRequest } from '../../src/domain/exec.ts';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import { silentLog } from '../rpc/silent-log.ts';
import { type Answers, fakeEngine, send } from './fake-engine.ts';

const never = new AbortController().signal;
const request: ExecRequest = { jobId: 'nightly-red-fox' as JobId, taskName: 'unit', command: [], terminal: null };

/** Asks for a shell on an engine that has these containers of the task, and answers nothing else. */
const open = async (containers: readonly object[], answers: Answers = {}) => {
  let filters: unknown = null;
  await using fake = await fakeEngine({
    'GET /containers/json': (answer, { url }) => {
      filters = JSON.parse(url.searchParams.get('filters') ?? '');
      send(answer, 200, containers);
    },
    ...answers,
  });
  const shell = createDockerTaskShell({ instance: 'me', hostOf: async () => ({ engine: fake.engine }), log: silentLog });
  const result = await shell.open('node-1' as NodeId, request, never);
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

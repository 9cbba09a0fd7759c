import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobSpec, ServiceSpec } from '../../../src/domain/job.ts';
import { decodeSubmission, encodeSubmission } from '../../../src/rpc/codec/submission.ts';
import { type Job, type Job_Service, ScheduleJobRequest } from '../../../src/rpc/generated/alfred.ts';
import { anySubmission } from '../arbitrary.ts';

const throughTheWire = (request: ScheduleJobRequest) =>
  decodeSubmission(ScheduleJobRequest.decode(ScheduleJobRequest.encode(request).finish()));

const job: Job = {
  name: 'tests',
  about: '',
  steps: ['sha256:abc'],
  env: [],
  secrets: [],
  services: [],
  tasks: [{ name: 'unit', slots: 1 }],
};

const service: Job_Service = { name: 'db', image: 'redis:7', env: [], health: undefined, command: [], tmpfs: [] };

const decode = (changes: Partial<Job>) =>
  throughTheWire({ job: { ...job, ...changes }, jobfile: '', commandLine: '', startedBy: '' });

const decoded = (changes: Partial<Job>): JobSpec => {
  const result = decode(changes);
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value.spec;
};

const refusal = (changes: Partial<Job>): string => {
  const result = decode(changes);
  if (result.ok) throw new Error('it was accepted');
  expect(result.refusal.type).toBe('invalid');
  expect(result.refusal.message).not.toContain('\n');
  return result.refusal.message;
};

describe('a submission', () => {
  it('arrives as it was sent', () =>
    fc.assert(
      fc.property(anySubmission, submission => {
        expect(throughTheWire(encodeSubmission(submission))).toEqual({ ok: true, value: submission });
      }),
    ));

  it('of an old client gets the defaults for what it leaves out', () => {
    const health = { cmd: 'redis-cli', args: ['ping'], timeout: undefined, interval: undefined, retries: undefined };
    const spec = decoded({ tasks: [{ name: 'unit', slots: 0 }], services: [{ ...service, health }] });

    expect(spec.tasks).toEqual([{ name: 'unit', slots: 1 }]);
    expect(spec.services).toEqual<readonly ServiceSpec[]>([
      {
        name: 'db',
        image: 'redis:7',
        env: [],
        command: [],
        tmpfs: [],
        health: { cmd: 'redis-cli', args: ['ping'], timeoutMs: 5_000, intervalMs: 10_000, retries: 3 },
      },
    ]);
  });

  it('keeps health durations to the millisecond', () => {
    const health = {
      cmd: 'x',
      args: [],
      timeout: { seconds: 1, nanos: 500_000_000 },
      interval: { seconds: 0, nanos: 1_000_000 },
    };

    expect(decoded({ services: [{ ...service, health }] }).services[0]?.health).toMatchObject({
      timeoutMs: 1_500,
      intervalMs: 1,
    });
  });

  it('without a job is refused', () => {
    expect(throughTheWire({ job: undefined, jobfile: '', commandLine: '', startedBy: '' })).toEqual({
      ok: false,
      refusal: { type: 'invalid', message: 'the request carries no job' },
    });
  });

  it.each<[string, Partial<Job>, string]>([
    ['a bad job name', { name: 'Tests' }, 'job name "Tests" must be two or more of a-z, 0-9, - and _, starting with a letter'],
    ['a name that leaves its folder', { name: '../tests' }, 'job name "../tests" must be'],
    ['a name that goes on for a line more', { name: 'tests\n' }, 'job name "tests\\n" must be'],
    ['a name too long for a file', { name: 'a'.repeat(101) }, 'is longer than 100 characters'],
    ['no steps', { steps: [] }, 'the job has no steps; at least one is needed'],
    ['a step that is no image', { steps: ['sha256:abc', ''] }, 'step 2: image id "" is none'],
    ['a step that looks like an option', { steps: ['--privileged'] }, 'step 1: image id "--privileged" is none'],
    ['no tasks', { tasks: [] }, 'the job has no tasks; at least one is needed'],
    [
      'a bad task name',
      { tasks: [{ name: 'a/b', slots: 1 }] },
      'task name "a/b" must be two or more of a-z, 0-9, - and _, starting with a letter or a digit',
    ],
    [
      'the same task twice',
      {
        tasks: [
          { name: 'unit', slots: 1 },
          { name: 'unit', slots: 2 },
        ],
      },
      'task "unit" stands there more than once',
    ],
    [
      'too many tasks',
      { tasks: Array.from({ length: 100_001 }, (_, i) => ({ name: `t${i}`, slots: 1 })) },
      'the job has 100001 tasks; at most 100000 are taken',
    ],
    [
      'a bad env key',
      { env: [{ key: 'path', value: '' }] },
      'env key "path" must be two or more of A-Z, 0-9 and _, starting with a letter',
    ],
    [
      'the same env key twice',
      {
        env: [
          { key: 'AB', value: '1' },
          { key: 'AB', value: '2' },
        ],
      },
      'env key "AB" stands there more than once',
    ],
    [
      'a NUL in the environment',
      { env: [{ key: 'AB', value: 'x\0y' }] },
      'env "AB" holds a NUL character, which no environment can',
    ],
    [
      'an env value that Linux does not take',
      { env: [{ key: 'AB', value: 'x'.repeat(131_069) }] },
      'env "AB" is longer than the 131071 bytes that Linux takes',
    ],
    [
      'a secret outside its folder',
      { secrets: [{ key: 'KEY', value: '../../etc/shadow' }] },
      'secret "KEY": "../../etc/shadow" is no name of a secret on the server',
    ],
    ['a bad service name', { services: [{ ...service, name: 'DB' }] }, 'service name "DB" must be'],
    ['the same service twice', { services: [service, service] }, 'service "db" stands there more than once'],
    ['a service without an image', { services: [{ ...service, image: '' }] }, 'service "db": image "" is no image reference'],
    [
      'a service with a bad env key',
      { services: [{ ...service, env: [{ key: '1A', value: '' }] }] },
      'service "db": env key "1A" must be',
    ],
    [
      'a tmpfs that is no path',
      { services: [{ ...service, tmpfs: ['data'] }] },
      'service "db": tmpfs "data" must be an absolute path, then perhaps :options',
    ],
    ['a tmpfs that climbs', { services: [{ ...service, tmpfs: ['/a/../b'] }] }, 'service "db": tmpfs "/a/../b" must be'],
    [
      'a health check without a command',
      { services: [{ ...service, health: { cmd: '', args: [] } }] },
      'service "db": health needs a cmd',
    ],
    [
      'a health check that ends before it starts',
      { services: [{ ...service, health: { cmd: 'x', args: [], timeout: { seconds: -1, nanos: 0 } } }] },
      'service "db": health timeout must lie between 1 ms and 24 days',
    ],
    [
      'a health check of a century',
      { services: [{ ...service, health: { cmd: 'x', args: [], interval: { seconds: 3e9, nanos: 0 } } }] },
      'service "db": health interval must lie between 1 ms and 24 days',
    ],
  ])('with %s is refused', (_, changes, expected) => {
    expect(refusal(changes)).toContain(expected);
  });

  it('with several mistakes is refused with all of them, as long as they fit a header', () => {
    expect(refusal({ name: 'X', steps: [], tasks: [] })).toBe(
      'job name "X" must be two or more of a-z, 0-9, - and _, starting with a letter; the job has no steps; at least one is needed; the job has no tasks; at least one is needed',
    );
    const many = refusal({ tasks: Array.from({ length: 5_000 }, (_, i) => ({ name: `-${i}-${'x'.repeat(500)}`, slots: 1 })) });
    expect(many).toMatch(/; and 4990 more mistakes$/);
    expect(many.length).toBeLessThan(4_000);
  });

  it('with a jobfile that would fill the history is refused', () => {
    const result = throughTheWire({ job, jobfile: 'x'.repeat(1_000_001), commandLine: '', startedBy: '' });
    expect(result).toMatchObject({ ok: false, refusal: { message: 'jobfile has 1000001 characters; at most 1000000 are kept' } });
  });
});

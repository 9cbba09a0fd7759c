/** Whatever the domain's types allow, for properties of the codec. */
import * as fc from 'fast-check';
import { List } from 'immutable';
import { type EnvVar, type JobSpec, LONGEST_KEEP_MS, type ServiceSpec, type Submission } from '../../src/domain/job.ts';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import type { NodeState } from '../../src/domain/node.ts';
import type { JobStatus, NodeStatus, ServerInfo, TaskStatus } from '../../src/domain/status.ts';
import type { TaskState } from '../../src/domain/task.ts';

const jobName = fc.stringMatching(/^[a-z][a-z0-9_-]{1,20}$/);
const taskName = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{1,20}$/);
const text = fc.string({ unit: 'binary', maxLength: 20 }).filter(value => value.isWellFormed());
const noNul = text.filter(value => !value.includes('\0'));
const image = fc.stringMatching(/^[a-z0-9][a-z0-9._:/@-]{0,30}$/);
const timerMs = fc.integer({ min: 1, max: 2_147_483_647 });
const uint32 = fc.integer({ min: 1, max: 4_294_967_295 });
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });

const env = fc.uniqueArray(fc.record<EnvVar>({ key: fc.stringMatching(/^[A-Z][A-Z0-9_]{1,10}$/), value: noNul }), {
  selector: ({ key }) => key,
  maxLength: 5,
});
const secrets = fc.uniqueArray(
  fc.record<EnvVar>({
    key: fc.stringMatching(/^[A-Z][A-Z0-9_]{1,10}$/),
    value: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,10}$/),
  }),
  { selector: ({ key }) => key, maxLength: 5 },
);

const service = fc.record<ServiceSpec>({
  name: jobName,
  image,
  env,
  command: fc.array(noNul, { maxLength: 3 }),
  tmpfs: fc.array(fc.stringMatching(/^\/[a-z]{1,5}(:size=1m)?$/), { maxLength: 2 }),
  health: orNull(
    fc.record({
      cmd: noNul.filter(cmd => cmd !== ''),
      args: fc.array(noNul, { maxLength: 3 }),
      timeoutMs: timerMs,
      intervalMs: timerMs,
      retries: uint32,
    }),
  ),
});

const spec = fc.record<JobSpec>({
  name: jobName,
  about: text,
  steps: fc.array(image, { minLength: 1, maxLength: 3 }),
  env,
  secrets,
  services: fc.uniqueArray(service, { selector: ({ name }) => name, maxLength: 3 }),
  tasks: fc.uniqueArray(fc.record({ name: taskName, slots: uint32 }), {
    selector: ({ name }) => name,
    minLength: 1,
    maxLength: 5,
  }),
  keepFailedMs: fc.nat(LONGEST_KEEP_MS),
});

export const anySubmission = fc.record<Submission>({ spec, jobfile: text, commandLine: text, startedBy: text });

/** Until the year 2100, not before 1970: proto's epoch stands for "not yet". */
const time = fc.integer({ min: 1, max: Date.UTC(2100, 0) });

const TASK_STATES: readonly TaskState[] = ['queued', 'running', 'aborted', 'failed', 'completed', 'skipped', 'timedOut'];
const NODE_STATES: readonly NodeState[] = [
  'queued',
  'provisioning',
  'failedProvisioning',
  'discarded',
  'online',
  'terminating',
  'failedTerminating',
  'terminated',
];

const task = fc.record<TaskStatus>({
  name: taskName,
  state: fc.constantFrom(...TASK_STATES),
  exitCode: orNull(fc.integer({ min: -1, max: 255 })),
  startedAt: orNull(time),
  endedAt: orNull(time),
  reason: orNull(text),
  keptUntil: orNull(time),
});

export const anyJobStatus: fc.Arbitrary<JobStatus> = fc.record({
  name: jobName.map(name => name as JobId),
  about: text,
  tasks: fc.array(task, { maxLength: 5 }).map(tasks => List(tasks)),
  scheduledAt: time,
  completedAt: orNull(time),
  jobfile: text,
  commandLine: text,
  startedBy: text,
});

export const anyNodeStatus: fc.Arbitrary<NodeStatus> = fc.record({
  name: jobName.map(name => name as NodeId),
  state: fc.constantFrom(...NODE_STATES),
  slots: fc.array(
    fc.record({ id: fc.nat(100), task: orNull(fc.record({ job: jobName.map(name => name as JobId), name: taskName })) }),
    { maxLength: 4 },
  ),
  reason: orNull(text),
  unreachable: orNull(fc.record({ since: time, why: text })),
  activity: orNull(text),
});

export const anyServerInfo: fc.Arbitrary<ServerInfo> = fc.record({
  startedAt: time,
  provisioner: text,
  maxNodes: uint32,
  slotsPerNode: uint32,
  logLevel: text,
  provisioningDelayMs: fc.nat(),
  openstackFlavor: text,
  taskStartupDelayMs: fc.nat(),
  taskTimeoutMs: fc.nat(),
});

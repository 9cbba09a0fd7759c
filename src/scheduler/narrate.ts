/** A line of text for all that goes in and comes out: for logs, for error messages, and for specs that read as stories. */
import { assertNever } from '../base/invariant.ts';
import type { PublicEvent } from '../domain/events.ts';
import { type TaskResult, type TaskRun, taskOf } from '../domain/task.ts';
import type { Effect } from './effect.ts';
import type { Input } from './input.ts';

export const narrateInput = (input: Input): string => {
  switch (input.type) {
    case 'serverStarted':
      return `the server starts: at most ${count(input.config.maxNodes, 'node')} of ${count(input.config.slotsPerNode, 'slot')}`;
    case 'jobSubmitted':
      return `${input.jobId} is submitted: ${count(input.submission.spec.tasks.length, 'task')}`;
    case 'jobCancelled':
      return `${input.jobId} shall be cancelled${input.sparesKept ? ', but for what is kept' : ''}`;
    case 'taskCancelled':
      return `task ${input.index} of ${input.jobId} shall be cancelled`;
    case 'tick':
      return 'tick';
    case 'nodeProvisioned':
      return `${input.nodeId} is provisioned`;
    case 'nodeProvisioningFailed':
      return `${input.nodeId} could not be provisioned: ${input.why}`;
    case 'nodeTerminated':
      return `${input.nodeId} is gone, by attempt ${input.attempt}`;
    case 'nodeTerminationFailed':
      return `${input.nodeId} could not be terminated, attempt ${input.attempt}: ${input.why}`;
    case 'nodeLost':
      return `${input.nodeId} is lost: ${input.why}`;
    case 'nodeUnreachable':
      return `${input.nodeId} does not answer: ${input.why}`;
    case 'nodeReachable':
      return `${input.nodeId} answers`;
    case 'taskEnded':
      return `task ${input.index} of ${input.jobId} ${narrateResult(input.result)}`;
    case 'shutdownRequested':
      return 'the server shall stop';
    default:
      return assertNever(input);
  }
};

export const narrateEvent = (event: PublicEvent): string => {
  switch (event.type) {
    case 'nodeCreated':
      return `${event.nodeId} created, ${count(event.slots, 'slot')}`;
    case 'nodeStatusUpdated':
      return `${event.nodeId} ${event.state}${because(event.reason)}`;
    case 'nodeSlotUpdated':
      return `${event.nodeId} slot ${event.slot} ${event.task === null ? 'free' : `taken by ${event.task.jobId} ${event.task.name}`}`;
    case 'nodeTerminated':
      return `${event.nodeId} has left the pool`;
    case 'jobScheduled':
      return `${event.jobId} scheduled`;
    case 'jobCompleted':
      return `${event.jobId} completed`;
    case 'taskQueued':
      return `${event.jobId} ${event.name} queued`;
    case 'taskRunning':
      return `${event.jobId} ${event.name} running`;
    case 'taskAborted':
      return `${event.jobId} ${event.name} aborted${because(event.reason)}`;
    case 'taskFailed':
      return `${event.jobId} ${event.name} failed with ${event.exitCode}${because(event.reason)}`;
    case 'taskSkipped':
      return `${event.jobId} ${event.name} skipped`;
    case 'taskTimedOut':
      return `${event.jobId} ${event.name} timed out`;
    case 'taskKept':
      return `${event.jobId} ${event.name} kept until ${event.until / 1_000}s`;
    case 'taskCompleted':
      return `${event.jobId} ${event.name} completed`;
    default:
      return assertNever(event);
  }
};

export const narrateEffect = (effect: Effect): string => {
  switch (effect.type) {
    case 'provisionNode':
      return `provision ${effect.nodeId}`;
    case 'connectNode':
      return `connect ${effect.nodeId}`;
    case 'cancelProvisioning':
      return `cancel the provisioning of ${effect.nodeId}`;
    case 'terminateNode':
      return `terminate ${effect.nodeId}, attempt ${effect.attempt}`;
    case 'runTask':
      return `run ${narrateRun(effect.run)}`;
    case 'stopTask':
      return `stop task ${effect.index} of ${effect.jobId}: ${effect.reason}`;
    case 'cleanUpTask':
      return `clean up ${narrateRun(effect.run)}`;
    case 'answer':
      return `answer request ${effect.requestId}: ${effect.refusal === null ? 'yes' : `no, ${effect.refusal.message}`}`;
    default:
      return assertNever(effect);
  }
};

const narrateResult = (result: TaskResult): string => {
  switch (result.type) {
    case 'exited':
      return `exited with ${result.code}${because(result.reason ?? null)}`;
    case 'stopped':
      return 'stopped';
    case 'broken':
      return `broke: ${result.reason}`;
    default:
      return assertNever(result);
  }
};

const narrateRun = (run: TaskRun): string => `${run.jobId} ${taskOf(run).name} on ${run.nodeId}`;

const because = (reason: string | null): string => (reason === null ? '' : `: ${reason}`);

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

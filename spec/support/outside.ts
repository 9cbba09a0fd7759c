/**
 * Runner and provisioner as the scheduler meets them, and what they leave in the world: containers and nodes, which do not
 * die with the server. Performing an effect puts its answer on the agenda of the process, which does.
 */
import { type JobId, type NodeId, type TaskKey, taskKey } from '../../src/domain/names.ts';
import type { TaskResult, TaskRun } from '../../src/domain/task.ts';
import type { Effect } from '../../src/scheduler/effect.ts';
import {
  loses,
  provisioned,
  provisioningFails,
  reachable,
  terminated,
  terminationFails,
  type Untimed,
  unreachable,
} from './builders.ts';
import { type Chance, upTo } from './chance.ts';

/** How often things go wrong, each from 0 to 1. */
export type Odds = {
  readonly provisioningFails: number;
  readonly terminationFails: number;
  readonly taskBreaks: number;
  readonly answerComesTwice: number;
};

/** What the process will hear of, and when. */
export type Due = { readonly at: number; readonly input: Untimed };

/** What is there when all is over. */
export type Remains = {
  /** Tasks that were run again after their containers had been removed. */
  readonly ranTwice: readonly TaskKey[];
  /** Tasks whose containers are still on a node that is there. */
  readonly containers: readonly TaskKey[];
  readonly nodes: readonly NodeId[];
};

export type Outside = {
  /** The agenda with what the effect will answer in it. */
  perform(effect: Exclude<Effect, { type: 'answer' }>, now: number, agenda: readonly Due[]): readonly Due[];
  /** The node goes away by itself. */
  lose(nodeId: NodeId): Untimed;
  remains(): Remains;
};

type Container = {
  readonly nodeId: NodeId;
  readonly endsAt: number;
  readonly result: TaskResult;
};

const REMOVED = 'removed';

export const newOutside = (odds: Odds, chance: Chance): Outside => {
  const containers = new Map<TaskKey, Container | typeof REMOVED>();
  const nodes = new Set<NodeId>();
  const ranTwice: TaskKey[] = [];

  /** Some tasks would take an hour: they are for the timeout. */
  const newContainer = (nodeId: NodeId, now: number): Container => ({
    nodeId,
    endsAt: now + (chance() < 0.1 ? 3_600_000 : upTo(120_000, chance)),
    result: chance() < odds.taskBreaks ? anyBreak(chance) : anyExit(chance),
  });

  const run = ({ jobId, index, nodeId }: TaskRun, now: number): readonly Due[] => {
    const key = taskKey(jobId, index);
    const found = containers.get(key);
    if (found === REMOVED) ranTwice.push(key);
    const container = found === undefined || found === REMOVED ? newContainer(nodeId, now) : found;
    containers.set(key, container);
    // A run on a node that is gone waits for ever.
    return nodes.has(nodeId) ? [endOf(jobId, index, container, now)] : [];
  };

  const stop = (jobId: JobId, index: number, now: number, agenda: readonly Due[]): readonly Due[] => {
    const key = taskKey(jobId, index);
    const container = containers.get(key);
    const isRunning = container !== undefined && container !== REMOVED && container.endsAt > now && nodes.has(container.nodeId);
    if (!isRunning) return agenda;
    const result: TaskResult = chance() < 0.2 ? anyExit(chance) : { type: 'stopped', stepBegan: chance() < 0.8 };
    const stopped = { ...container, endsAt: Math.min(container.endsAt, now + upTo(10_000, chance)), result };
    containers.set(key, stopped);
    return [...agenda.filter(({ input }) => !isEndOf(input, jobId, index)), endOf(jobId, index, stopped, now)];
  };

  /** Also again, after a crash; what fails removes what it had made. */
  const provision = (nodeId: NodeId, at: number, failing: number): Due => {
    if (chance() < failing) {
      nodes.delete(nodeId);
      return { at, input: provisioningFails(nodeId) };
    }
    nodes.add(nodeId);
    return { at, input: provisioned(nodeId) };
  };

  /** Most cancels come in time. */
  const cancelProvisioning = (nodeId: NodeId, now: number, agenda: readonly Due[]): readonly Due[] => {
    const others = agenda.filter(({ input }) => !('nodeId' in input && input.nodeId === nodeId));
    return [...others, provision(nodeId, now + upTo(2_000, chance), 0.8)];
  };

  /** Some do not answer at first. */
  const connect = (nodeId: NodeId, at: number): readonly Due[] => {
    if (!nodes.has(nodeId)) return [{ at, input: loses(nodeId) }];
    if (chance() < 0.7) return [{ at, input: reachable(nodeId) }];
    return [
      { at, input: unreachable(nodeId) },
      { at: at + upTo(90_000, chance), input: reachable(nodeId) },
    ];
  };

  const terminate = (nodeId: NodeId, attempt: number, at: number): Due => {
    if (chance() < odds.terminationFails) return { at, input: terminationFails(nodeId, attempt) };
    nodes.delete(nodeId);
    return { at, input: terminated(nodeId, attempt) };
  };

  return {
    perform: (effect, now, agenda) => {
      switch (effect.type) {
        case 'provisionNode':
          return [...agenda, provision(effect.nodeId, now + upTo(90_000, chance), odds.provisioningFails)];
        case 'connectNode':
          return [...agenda, ...connect(effect.nodeId, now + upTo(5_000, chance))];
        case 'cancelProvisioning':
          return cancelProvisioning(effect.nodeId, now, agenda);
        case 'terminateNode':
          return [...agenda, terminate(effect.nodeId, effect.attempt, now + upTo(20_000, chance))];
        case 'runTask':
          return [...agenda, ...run(effect.run, now)];
        case 'stopTask':
          return stop(effect.jobId, effect.index, now, agenda);
        case 'cleanUpTask':
          containers.set(taskKey(effect.run.jobId, effect.run.index), REMOVED);
          return agenda;
      }
    },
    lose: nodeId => {
      nodes.delete(nodeId);
      return loses(nodeId);
    },
    remains: () => ({
      ranTwice,
      containers: [...containers].flatMap(([key, found]) => (found !== REMOVED && nodes.has(found.nodeId) ? [key] : [])),
      nodes: [...nodes],
    }),
  };
};

const endOf = (jobId: JobId, index: number, { endsAt, result }: Container, now: number): Due => ({
  at: Math.max(now, endsAt),
  input: { type: 'taskEnded', jobId, index, result },
});

const isEndOf = (input: Untimed, jobId: JobId, index: number): boolean =>
  input.type === 'taskEnded' && input.jobId === jobId && input.index === index;

const anyBreak = (chance: Chance): TaskResult => ({
  type: 'broken',
  reason: 'the engine hiccuped',
  stepBegan: chance() < 0.5,
});

const anyExit = (chance: Chance): TaskResult => ({ type: 'exited', code: [0, 0, 0, 1, 42, 43, 137][upTo(6, chance)] ?? 0 });

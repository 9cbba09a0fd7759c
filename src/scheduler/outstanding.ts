import type { Effect } from './effect.ts';
import { liveTasks, type Node, runOf, type State } from './state.ts';

/**
 * The effects that should be under way in this state. The handler of `serverStarted` orders them, so a restart is no step of
 * its own for the loop; performing what is under way already is harmless. Clean-ups are not in it: what a crash left behind
 * is for the sweep.
 */
export const outstanding = (state: State): readonly Effect[] => [...state.nodes.flatMap(ofNode), ...ofTasks(state)];

/** Nodes come first: a task runs on when its node is connected again. */
const ofNode = ({ id: nodeId, state, attempt, retryAt }: Node): readonly Effect[] => {
  if (state === 'provisioning') return [{ type: 'provisionNode', nodeId }];
  if (state === 'online') return [{ type: 'connectNode', nodeId }];
  if (state === 'terminating' && retryAt === null) return [{ type: 'terminateNode', nodeId, attempt }];
  return [];
};

/**
 * Also those told to stop are run again, then stopped: the run finds what the first one left, and says how it ended. What is
 * kept has ended: its containers wait for people, not for a run.
 */
const ofTasks = (state: State): readonly Effect[] =>
  liveTasks(state)
    .filter(({ startedAt, kept }) => startedAt !== null && kept === null)
    .flatMap((task): readonly Effect[] => {
      const { jobId, index, stop } = task;
      const run: Effect = { type: 'runTask', run: runOf(state, task) };
      return stop === null ? [run] : [run, { type: 'stopTask', jobId, index, reason: stop }];
    });

import { startingStatus, toStatus } from '../../src/engine/status.ts';
import type { Effect } from '../../src/scheduler/effect.ts';
import { outstanding } from '../../src/scheduler/outstanding.ts';
import type { State } from '../../src/scheduler/state.ts';
import type { History } from '../../src/store/history.ts';

/** What a state means, whatever its shape: what clients see, and what a restart takes up. */
export const shown = (state: State, history: History) => {
  const { jobs, nodes } = toStatus(startingStatus(state, history));
  return JSON.parse(JSON.stringify({ jobs, nodes, takenUp: outstanding(state).map(inWords) }));
};

const inWords = (effect: Effect): string => {
  if ('run' in effect) return `${effect.type} ${effect.run.jobId}/${effect.run.index} on ${effect.run.nodeId}`;
  if ('nodeId' in effect) return `${effect.type} ${effect.nodeId}`;
  return 'jobId' in effect ? `${effect.type} ${effect.jobId}/${effect.index}` : effect.type;
};

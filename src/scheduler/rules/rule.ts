import type { Draft } from '../draft.ts';

/** Says what follows from the state as it is now, whatever led to it. */
export type Rule = (draft: Draft) => void;

/** When a rule acts next though nothing happens: a time that does not come. */
export const NEVER = Number.POSITIVE_INFINITY;

/** When a rule acts next: a time that has always been over. */
export const AT_ONCE = Number.NEGATIVE_INFINITY;

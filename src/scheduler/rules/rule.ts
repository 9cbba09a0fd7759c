import type { Draft } from '../draft.ts';

/** Says what follows from the state as it is now, whatever led to it. */
export type Rule = (draft: Draft) => void;

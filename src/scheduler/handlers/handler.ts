import type { Draft } from '../draft.ts';
import type { Input, InputOf } from '../input.ts';

/** Records what an input of one type means. What follows from it is for the rules to say. */
export type Handler<Type extends Input['type']> = (draft: Draft, input: InputOf<Type>) => void;

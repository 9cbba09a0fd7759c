/**
 * What a function makes of its arguments, as both dialects write a call: the text that it prints, or the message that it fails
 * with. These cases are the specs and the examples in `src/jobfile/functions/README.md`; a function's first one should teach.
 */
export type Case = readonly [expression: string, prints: string] | readonly [expression: string, fails: 'fails', message: string];

/** By function. */
export type Cases = Readonly<Record<string, readonly Case[]>>;

import type { Refusal, Result } from '../domain/refusal.ts';

/** Carries a refusal out of a handler's middle to its one way out; never leaves this folder. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** A result's value; throws {@link RefusedError} where there is none. Keeps a handler of several questions one straight line. */
export const granted = <Value>(result: Result<Value>): Value => {
  if (!result.ok) throw new RefusedError(result.refusal);
  return result.value;
};

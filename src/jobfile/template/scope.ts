/** Variables, and those of the blocks around. */
import type { Value } from './value.ts';

export type Scope = {
  readonly variables: Map<string, Value>;
  readonly outer: Scope | null;
};

export const innerScope = (outer: Scope | null, variables: Iterable<readonly [string, Value]> = []): Scope => ({
  variables: new Map(variables),
  outer,
});

/** `undefined`: there is none of that name. */
export function lookUp(scope: Scope, name: string): Value | undefined {
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    const value = at.variables.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Changes the innermost variable of that name; says whether there is one. */
export function assign(scope: Scope, name: string, value: Value): boolean {
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    if (at.variables.has(name)) {
      at.variables.set(name, value);
      return true;
    }
  }
  return false;
}

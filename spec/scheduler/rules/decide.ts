import { draftOf } from '../../../src/scheduler/draft.ts';
import type { Effect } from '../../../src/scheduler/effect.ts';
import type { Fact } from '../../../src/scheduler/fact.ts';
import type { Rule } from '../../../src/scheduler/rules/rule.ts';
import type { State } from '../../../src/scheduler/state.ts';

/** What one rule alone makes of a state at a time. */
export const decide = (
  rule: Rule,
  state: State,
  at = 0,
): { readonly facts: readonly Fact[]; readonly effects: readonly Effect[] } => {
  const draft = draftOf(state, at);
  rule(draft);
  return { facts: draft.facts, effects: draft.effects };
};

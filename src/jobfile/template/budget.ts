/**
 * What one template may use up, so that a jobfile that never ends, or makes ever more text, is a mistake with a place rather
 * than a hanging terminal. Counted in steps, not seconds: the same jobfile always ends the same way.
 */
import { setImmediate } from 'node:timers/promises';
import { CallError } from './function.ts';
import { Dict, List, type Value } from './value.ts';

/** A job of 10,000 generated tasks takes some 150,000; all of them take a few seconds. */
const MOST_STEPS = 3_000_000;

/** Lists in lists: what goes through them calls itself for each level. */
const MOST_NESTING = 100;

/** Making or reading that many characters, or items, costs as much as one step. */
const CHARACTERS_PER_STEP = 64;
const ITEMS_PER_STEP = 50;

/** How long the program may be deaf to Ctrl+C. */
const BREATH_MS = 20;

export type Budget = {
  /** Takes `steps`; says whether there were as many left. */
  readonly take: (steps: number) => boolean;
  /** Takes `steps`, or throws {@link CallError}. */
  readonly spend: (steps: number) => void;
  /** Spends what it costs to go through all of `value`: shared parts count as often as they are met. */
  readonly weigh: (value: Value) => void;
  /** Lets the program's other work go on from time to time; rejects when the template is to end. */
  readonly breathe: () => Promise<void> | undefined;
};

/** What is said when it is used up. */
export const EXHAUSTED = 'takes too long: a template may take 3 million steps';

/** What it costs to make or read a value as such, without what its items hold. */
export function costOf(value: Value): number {
  if (typeof value === 'string') return costOfText(value.length);
  return value instanceof List ? costOfList(value.items.length) : 0;
}

export const costOfText = (characters: number): number => characters / CHARACTERS_PER_STEP;
export const costOfList = (items: number): number => items / ITEMS_PER_STEP;

export function newBudget(signal: AbortSignal): Budget {
  let left = MOST_STEPS;
  let lastBreath = performance.now();

  const take = (steps: number): boolean => {
    left -= steps;
    return left >= 0;
  };

  const spend = (steps: number): void => {
    if (!take(steps)) throw new CallError(EXHAUSTED);
  };

  const weigh = (value: Value): void => {
    const waiting: (readonly [part: Value, level: number])[] = [[value, 0]];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [part, level] = next;
      spend(1 + costOf(part));
      // A dict that was put into itself ends here too.
      if (level > MOST_NESTING) throw new CallError(`gets lists and dicts that are nested more than ${MOST_NESTING} levels deep`);
      const inner = part instanceof List ? part.items : part instanceof Dict ? part.entries.values() : [];
      for (const item of inner) waiting.push([item, level + 1]);
    }
  };

  const breathe = (): Promise<void> | undefined => {
    if (performance.now() - lastBreath < BREATH_MS) return undefined;
    return setImmediate().then(() => {
      signal.throwIfAborted();
      lastBreath = performance.now();
    });
  };

  return { take, spend, weigh, breathe };
}

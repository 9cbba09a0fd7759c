/** Colours that tie a job in the list to its tasks on the nodes. */
import type { JobId } from '../domain/names.ts';
import type { JobStatus } from '../domain/status.ts';
import type { Color } from './style.ts';

/** Those that say "good" and "bad" elsewhere are left out. */
const HUES: readonly Color[] = ['cyan', 'magenta', 'blue', 'yellow'];

/** For when the others are taken: on some terminals they look much like them. */
const SPARE_HUES: readonly Color[] = ['brightCyan', 'brightMagenta', 'brightBlue', 'brightYellow'];

/**
 * A colour per unfinished job. A job asks for the colour that its name stands for, and takes the next free one when an older
 * job has it: so jobs that run beside each other differ, and a job keeps its colour while others come.
 */
export const huesOf = (jobs: readonly JobStatus[]): ReadonlyMap<JobId, Color> => {
  const hues = new Map<JobId, Color>();
  const taken = new Map<Color, number>();
  for (const job of jobs) {
    if (job.completedAt !== null) continue;
    const hue = leastTaken(taken, hash(job.name));
    taken.set(hue, (taken.get(hue) ?? 0) + 1);
    hues.set(job.name, hue);
  }
  return hues;
};

const leastTaken = (taken: ReadonlyMap<Color, number>, wish: number): Color => {
  const inOrder = [...startingAt(wish, HUES), ...startingAt(wish, SPARE_HUES)];
  return inOrder.reduce((best, hue) => ((taken.get(hue) ?? 0) < (taken.get(best) ?? 0) ? hue : best));
};

const startingAt = (wish: number, hues: readonly Color[]): readonly Color[] => {
  const from = wish % hues.length;
  return [...hues.slice(from), ...hues.slice(0, from)];
};

const hash = (text: string): number => {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return sum;
};

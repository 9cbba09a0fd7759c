/** Busy slots and queued tasks over time: the samples that the dashboard has taken since it was opened, and their pictures. */

/** One look at the server. */
export type Sample = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly busySlots: number;
  /** Slots of the nodes that take tasks. */
  readonly slots: number;
  readonly queuedTasks: number;
};

/** Oldest first, never more than an hour. Nothing is sampled while the connection is lost: the plot then has a gap. */
export type History = readonly Sample[];

const LONGEST_MS = 3_600_000;

export const addSample = (history: History, sample: Sample): History => {
  const tooOld = history.findIndex(({ at }) => at > sample.at - LONGEST_MS);
  return [...(tooOld === -1 ? [] : history.slice(tooOld)), sample];
};

/** How much time one dot may stand for. The window grows with the history and only ever by doubling or so: plots stay readable. */
const STEPS_MS = [1_000, 2_000, 3_000, 5_000, 10_000, 15_000, 20_000, 30_000, 60_000] as const;

/** Dots of one braille character: two beside each other, four on top of each other. */
const DOTS_ACROSS = 2;
const DOTS_DOWN = 4;

export type Series = {
  /** The highest value of each dot's time, oldest first; `null` where nothing is known. */
  readonly values: readonly (number | null)[];
  /** The time that the whole width stands for. */
  readonly spanMs: number;
};

/** The values of a plot that is `columns` wide and ends at `now`. */
export const series = (history: History, pick: (sample: Sample) => number, columns: number, now: number): Series => {
  const dots = columns * DOTS_ACROSS;
  const first = history[0]?.at ?? now;
  const stepMs = STEPS_MS.find(step => (now - first) / step < dots) ?? STEPS_MS[STEPS_MS.length - 1] ?? 1_000;
  // Dots stand on multiples of the step: they move to the left as time goes by, but never change their height.
  const lastStep = Math.floor(now / stepMs);
  const values = Array.from({ length: dots }, (): number | null => null);
  for (const sample of history) {
    const dot = dots - 1 - (lastStep - Math.floor(sample.at / stepMs));
    if (dot >= 0 && dot < dots) values[dot] = Math.max(values[dot] ?? 0, pick(sample));
  }
  return { values, spanMs: dots * stepMs };
};

/** Dots of a braille character from the lowest up, left then right: how they are numbered is older than computers. */
const LEFT_DOTS = [0x40, 0x04, 0x02, 0x01] as const;
const RIGHT_DOTS = [0x80, 0x20, 0x10, 0x08] as const;
const BRAILLE = 0x2800;

/**
 * A filled curve, `rows` lines of text from the top. `max` is the value that reaches the top. Anything above zero shows: one
 * queued task among a thousand is a dot, and zero is none.
 */
export const area = (values: readonly (number | null)[], max: number, rows: number): readonly string[] => {
  const heights = values.map(value => heightOf(value ?? 0, max, rows * DOTS_DOWN));
  return Array.from({ length: rows }, (_, row) => {
    const base = (rows - 1 - row) * DOTS_DOWN;
    let line = '';
    for (let dot = 0; dot < heights.length; dot += DOTS_ACROSS) {
      line += glyph((heights[dot] ?? 0) - base, (heights[dot + 1] ?? 0) - base);
    }
    return line;
  });
};

const heightOf = (value: number, max: number, dots: number): number =>
  value <= 0 || max <= 0 ? 0 : Math.max(1, Math.min(dots, Math.round((value / max) * dots)));

const glyph = (left: number, right: number): string => {
  const dots = [...LEFT_DOTS.slice(0, Math.max(0, left)), ...RIGHT_DOTS.slice(0, Math.max(0, right))];
  return dots.length === 0 ? ' ' : String.fromCodePoint(BRAILLE + dots.reduce((sum, dot) => sum | dot, 0));
};

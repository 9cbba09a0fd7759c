/** The log of one task while it is on the screen: the last lines of what came in so far. */

export type Log = {
  readonly job: string;
  readonly task: string;
  /** `waiting`: nothing came yet, as of a queued task; `ended`: the task is over and this is all. */
  readonly phase: 'waiting' | 'following' | 'ended' | 'failed';
  /** Why there is no (more) log, where `phase` is `failed`. */
  readonly message: string;
  /** Complete lines, escape codes and all; `render` decides what of them is shown. */
  readonly lines: readonly string[];
  /** What came after the last line break. */
  readonly unfinished: string;
  /** Lines that had to go: the number of `lines[0]`. */
  readonly dropped: number;
};

/** Enough to scroll back in; a log of gigabytes must not fill the memory of whoever watches it. */
const MOST_LINES = 10_000;

/** A line without an end must not fill it either. */
const LONGEST_LINE = 4_096;

export const openLog = (job: string, task: string): Log => ({
  job,
  task,
  phase: 'waiting',
  message: '',
  lines: [],
  unfinished: '',
  dropped: 0,
});

/** `restarts`: the text begins anew, with lines that may be here already. */
export const appendToLog = (log: Log, text: string, restarts: boolean): Log => {
  const known = restarts ? openLog(log.job, log.task) : log;
  const pieces = (known.unfinished + text).split('\n');
  const unfinished = pieces.pop() ?? '';
  const lines = [...known.lines, ...pieces.map(piece => piece.slice(0, LONGEST_LINE))];
  const surplus = Math.max(0, lines.length - MOST_LINES);
  return {
    ...known,
    phase: 'following',
    message: '',
    lines: surplus === 0 ? lines : lines.slice(surplus),
    unfinished: unfinished.slice(0, LONGEST_LINE),
    dropped: known.dropped + surplus,
  };
};

export type LogLine = {
  /** Counted from the first line that was received: stays the same while older lines are dropped. */
  readonly number: number;
  readonly text: string;
};

/** The lines that hold `filter`. The last answer is kept: most frames ask for the same again. */
export const linesOf = (log: Log, filter: string): readonly LogLine[] => {
  const known = answers.get(log);
  if (known?.filter === filter) return known.lines;
  const texts = log.unfinished === '' ? log.lines : [...log.lines, log.unfinished];
  const wanted = filter.toLowerCase();
  const lines = texts
    .map((text, index) => ({ number: log.dropped + index, text }))
    .filter(({ text }) => wanted === '' || text.toLowerCase().includes(wanted));
  answers.set(log, { filter, lines });
  return lines;
};

const answers = new WeakMap<Log, { readonly filter: string; readonly lines: readonly LogLine[] }>();

/** Where a person is in a log. */
export type LogPlace = {
  /** The number of the first line on the screen; `null` follows the end. */
  readonly top: number | null;
  /** Columns scrolled to the right. */
  readonly left: number;
};

export const AT_END: LogPlace = { top: null, left: 0 };

/** The lines of a log as they are now, and how many of them fit on the screen. */
export type LogWindow = { readonly lines: readonly LogLine[]; readonly height: number };

/** The place in `lines` of the first one on the screen. */
export const firstShown = ({ top }: LogPlace, { lines, height }: LogWindow): number => {
  const last = Math.max(0, lines.length - height);
  if (top === null) return last;
  const found = lines.findIndex(({ number }) => number >= top);
  return found === -1 ? last : Math.min(found, last);
};

/** `by` lines further down, or up where `by` is negative; at the end, the log is followed again. */
export const scroll = (place: LogPlace, by: number, window: LogWindow): LogPlace => {
  const first = firstShown(place, window) + by;
  if (first >= window.lines.length - window.height) return { ...place, top: null };
  return { ...place, top: window.lines[Math.max(0, first)]?.number ?? null };
};

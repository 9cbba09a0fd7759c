/**
 * Durations as Go writes them (`1h30m`, `1.5s`): flags, jobfiles and the status speak this, the program counts in
 * milliseconds.
 */

/** Milliseconds per unit. Go takes both letters that look like a µ. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

const PART = /(\d+\.?\d*|\.\d+)([a-zµμ]+)/y;

/** Go counts nanoseconds in 64 bits: what is longer would be refused by a client or server written in Go. */
const LONGEST_MS = 2 ** 63 / 1e6;

/** Nanoseconds are all there is: takes away what binary fractions add, 57.30000000000001 ms. From 104 days on they add less than that. */
const toWholeNanoseconds = (ms: number): number => {
  const nanoseconds = Math.round(ms * 1e6);
  return Number.isSafeInteger(nanoseconds) ? nanoseconds / 1e6 : ms;
};

/**
 * Milliseconds of a Go duration: `300ms`, `1h2m3.5s`, `0`. Throws an error that quotes the text and says what was expected.
 * A minus is refused: nothing in Alfred lasts less than no time.
 */
export function parseDuration(text: string): number {
  if (text.startsWith('-')) throw new Error(`${JSON.stringify(text)} is negative: a duration is 0 or more`);
  const unsigned = text.startsWith('+') ? text.slice(1) : text;
  if (unsigned === '0') return 0;
  let ms = 0;
  let end = 0;
  while (end < unsigned.length || end === 0) {
    PART.lastIndex = end;
    const [part, amount, unit] = PART.exec(unsigned) ?? [];
    const unitMs = UNITS.get(unit ?? '');
    if (part === undefined || unitMs === undefined) {
      throw new Error(
        `${JSON.stringify(text)} is no duration: write numbers with units (h, m, s, ms, us, ns), like 1h30m or 500ms`,
      );
    }
    ms += toWholeNanoseconds(Number(amount) * unitMs);
    end += part.length;
  }
  if (ms >= LONGEST_MS) throw new Error(`${JSON.stringify(text)} is too long for a duration: the longest is about 2562047h`);
  return toWholeNanoseconds(ms);
}

/** As Go prints it: `1h2m3.5s`, `5h0m0s`, `300ms`, `1.5µs`, `0s`; exact to the nanosecond. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  const exact = toWholeNanoseconds(ms);
  if (exact === 0) return '0s';
  if (exact < 1e-3) return `${decimal(exact * 1e6)}ns`;
  if (exact < 1) return `${decimal(exact * 1e3)}µs`;
  if (exact < 1_000) return `${decimal(exact)}ms`;
  const minutes = Math.floor(exact / 60_000);
  const seconds = `${decimal((exact - minutes * 60_000) / 1_000)}s`;
  if (minutes === 0) return seconds;
  if (minutes < 60) return `${minutes}m${seconds}`;
  return `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}

/** At most nine digits after the point, none that say nothing. */
const decimal = (value: number): string => value.toFixed(9).replace(/\.?0+$/, '');

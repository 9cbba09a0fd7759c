/** Go's durations in nanoseconds, exact where `base/duration`, which counts in milliseconds, need not be. */

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

const PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;

/** Nanoseconds of `-1h30m`, `1.5s`, `0`; `null` for what is no duration. */
export function parseNanoseconds(text: string): bigint | null {
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0n;
  let nanoseconds = 0n;
  PART.lastIndex = 0;
  do {
    const [part, whole = '', fraction = '', unit = ''] = PART.exec(unsigned) ?? [];
    if (part === undefined || whole + fraction === '') return null;
    const scale = UNITS.get(unit) ?? 0n;
    nanoseconds += BigInt(whole || '0') * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length);
  } while (PART.lastIndex < unsigned.length);
  return text.startsWith('-') ? -nanoseconds : nanoseconds;
}

/** As Go prints it: `1h2m3.5s`, `300ms`, `0s`. */
export function durationText(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${durationText(-nanoseconds)}`;
  if (nanoseconds === 0n) return '0s';
  if (nanoseconds < 1_000n) return `${nanoseconds}ns`;
  if (nanoseconds < 1_000_000n) return `${quotient(nanoseconds, 1_000n)}µs`;
  if (nanoseconds < 1_000_000_000n) return `${quotient(nanoseconds, 1_000_000n)}ms`;
  const minutes = nanoseconds / 60_000_000_000n;
  const seconds = `${quotient(nanoseconds % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** `divisor` is a power of ten: its zeros are the places after the point. */
function quotient(value: bigint, divisor: bigint): string {
  const places = String(divisor).length - 1;
  const fraction = String(value % divisor)
    .padStart(places, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${value / divisor}` : `${value / divisor}.${fraction}`;
}

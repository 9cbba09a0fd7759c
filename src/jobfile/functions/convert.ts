/** Numbers out of anything, as slim-sprig's functions take them: what can't be converted is 0. */
import { integerOf, type Value } from '../template/value.ts';

const LEAST_INT64 = -(2n ** 63n);

/** Texts count when they are whole decimal numbers; fractions are cut off; `true` is 1. */
export function toInt64(value: Value): bigint {
  const integer = integerOf(value);
  if (integer !== null) return BigInt.asIntN(64, integer);
  if (typeof value === 'number') return truncated(value);
  if (typeof value === 'string') return parseInt64(value) ?? 0n;
  return value === true ? 1n : 0n;
}

export function toFloat64(value: Value): number {
  const integer = integerOf(value);
  if (integer !== null) return Number(integer);
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return parseFloat64(value) ?? 0;
  return value === true ? 1 : 0;
}

/** `null`: no number, or none of 64 bits. */
export function parseInt64(text: string): bigint | null {
  if (!/^[+-]?\d{1,40}$/.test(text)) return null;
  const value = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, value) === value ? value : null;
}

/** What no 64 bits can hold becomes the least of all, as on Go's usual machines. */
const truncated = (value: number): bigint =>
  Number.isFinite(value) && Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : LEAST_INT64;

function parseFloat64(text: string): number | null {
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  return /^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text.replaceAll('_', '')) : null;
}

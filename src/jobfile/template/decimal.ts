/** Floats as Go's fmt writes them: the shortest text that reads back as the same number, or rounded half to even. */

/** `0.d₁d₂d₃… × 10^point` */
type Decimal = { readonly digits: string; readonly point: number };

/** As `%v` and templates print it. */
export const shortest = (value: number): string => formatGeneral(value, null);

/** Verb `f`: never an exponent. */
export function formatFixed(value: number, precision: number | null): string {
  return withSign(value, magnitude => {
    const decimal = precision === null ? shortestDecimal(magnitude) : round(exact(magnitude), point => point + precision);
    return fixed(decimal, precision ?? Math.max(0, decimal.digits.length - decimal.point));
  });
}

/** Verb `e`: always an exponent, of two digits or more. */
export function formatExponent(value: number, precision: number | null): string {
  return withSign(value, magnitude => {
    const decimal = precision === null ? shortestDecimal(magnitude) : round(exact(magnitude), () => precision + 1);
    return withExponent(decimal, precision ?? Math.max(0, decimal.digits.length - 1));
  });
}

/** Verb `g` without a precision writes an exponent below 10⁻⁴ and from this power of ten on. */
const SHORTEST_EXPONENT = 6;

/** Verb `g`: the shorter of both; `precision` counts all digits. */
export function formatGeneral(value: number, precision: number | null): string {
  return withSign(value, magnitude => {
    const decimal =
      precision === null ? shortestDecimal(magnitude) : trimmed(round(exact(magnitude), () => Math.max(1, precision)));
    const { digits, point } = decimal;
    const exponentFrom = precision === null ? SHORTEST_EXPONENT : generalLimit(decimal, Math.max(1, precision));
    if (digits !== '' && (point - 1 < -4 || point - 1 >= exponentFrom)) return withExponent(decimal, digits.length - 1);
    return fixed(decimal, Math.max(0, digits.length - point));
  });
}

/** A whole number that has all of its digits needs no exponent. */
const generalLimit = ({ digits, point }: Decimal, precision: number): number =>
  precision > digits.length && digits.length >= point ? digits.length : precision;

function withSign(value: number, format: (magnitude: number) => string): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return (value < 0 || Object.is(value, -0) ? '-' : '') + format(Math.abs(value));
}

function shortestDecimal(magnitude: number): Decimal {
  const [mantissa = '', exponent = '0'] = magnitude.toExponential().split('e');
  return trimmed({ digits: mantissa.replace('.', ''), point: Number(exponent) + 1 });
}

/** All digits of a binary fraction: it has as many after the point as its power of two. */
function exact(magnitude: number): Decimal {
  if (magnitude === 0) return { digits: '', point: 0 };
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, magnitude);
  const raw = bits.getBigUint64(0);
  const biased = Number(raw >> 52n);
  const fraction = raw & ((1n << 52n) - 1n);
  const [mantissa, power] = biased === 0 ? [fraction, -1074] : [fraction | (1n << 52n), biased - 1075];
  if (power >= 0) {
    const digits = (mantissa << BigInt(power)).toString();
    return { digits, point: digits.length };
  }
  const digits = (mantissa * 5n ** BigInt(-power)).toString();
  return { digits, point: digits.length + power };
}

/** Half to even, as IEEE says and as JavaScript's `toFixed` does not. */
function round({ digits, point }: Decimal, keep: (point: number) => number): Decimal {
  const kept = keep(point);
  if (kept >= digits.length) return { digits, point };
  if (kept < 0) return { digits: '', point };
  const head = digits.slice(0, kept);
  const rest = digits.slice(kept);
  const half = /^50*$/.test(rest);
  const isUp = half ? Number(head.at(-1) ?? '0') % 2 === 1 : rest >= '5';
  if (!isUp) return { digits: head, point };
  const raised = (BigInt(`0${head}`) + 1n).toString().padStart(kept, '0');
  return { digits: raised, point: point + raised.length - kept };
}

const trimmed = ({ digits, point }: Decimal): Decimal => ({ digits: digits.replace(/0+$/, ''), point });

function fixed({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = (point < 0 ? '0'.repeat(-point) : '') + digits.slice(Math.max(0, point));
  return digits === '' && precision === 0
    ? '0'
    : precision === 0
      ? whole
      : `${whole}.${fraction.slice(0, precision).padEnd(precision, '0')}`;
}

function withExponent({ digits, point }: Decimal, precision: number): string {
  const exponent = digits === '' ? 0 : point - 1;
  const mantissa = digits.slice(0, 1) || '0';
  const fraction = precision === 0 ? '' : `.${digits.slice(1, precision + 1).padEnd(precision, '0')}`;
  return `${mantissa}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Check sums of the UTF-8 bytes of a text. */
import { createHash } from 'node:crypto';
import { fn, type TemplateFunction, text } from '../template/function.ts';

const digest = (algorithm: 'sha1' | 'sha256'): TemplateFunction =>
  fn([text('text')], from => createHash(algorithm).update(from).digest('hex'));

/** The greatest prime below 2¹⁶ (RFC 1950). */
const ADLER_MODULUS = 65_521;

/** In decimal, as slim-sprig writes it. */
function adler32(bytes: Uint8Array): string {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % ADLER_MODULUS;
    b = (b + a) % ADLER_MODULUS;
  }
  return String(b * 65_536 + a);
}

export const sums: Readonly<Record<string, TemplateFunction>> = {
  sha1sum: digest('sha1'),
  sha256sum: digest('sha256'),
  adler32sum: fn([text('text')], from => adler32(Buffer.from(from))),
};

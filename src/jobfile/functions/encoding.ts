/** Base64 and base32, of the UTF-8 bytes of a text. */
import { CallError, fn, type TemplateFunction, text } from '../template/function.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32Encoded(bytes: Uint8Array): string {
  const bits = [...bytes].map(byte => byte.toString(2).padStart(8, '0')).join('');
  const digits = (bits.match(/.{1,5}/g) ?? []).map(group => BASE32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
  return digits.padEnd(Math.ceil(digits.length / 8) * 8, '=');
}

function base32Decoded(encoded: string): Uint8Array {
  const bits = [...encoded.replace(/=+$/, '')].map(digit => BASE32.indexOf(digit).toString(2).padStart(5, '0')).join('');
  return Uint8Array.from((bits.match(/.{8}/g) ?? []).map(byte => Number.parseInt(byte, 2)));
}

const BASE64_TEXT = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const BASE32_TEXT = /^(?:[A-Z2-7]{8})*(?:[A-Z2-7]{2}={6}|[A-Z2-7]{4}={4}|[A-Z2-7]{5}={3}|[A-Z2-7]{7}=)?$/;

/** Line ends may be anywhere in encoded text, as in Go. */
const decoder = (name: string, pattern: RegExp, decode: (encoded: string) => Uint8Array): TemplateFunction =>
  fn([text('encoded')], encoded => {
    const digits = encoded.replace(/[\r\n]/g, '');
    if (!pattern.test(digits)) throw new CallError(`wants ${name}, with its padding`, { argument: 0 });
    return Buffer.from(decode(digits)).toString();
  });

export const encoding: Readonly<Record<string, TemplateFunction>> = {
  b64enc: fn([text('text')], from => Buffer.from(from).toString('base64')),
  b64dec: decoder('base64', BASE64_TEXT, encoded => Buffer.from(encoded, 'base64')),
  b32enc: fn([text('text')], from => base32Encoded(Buffer.from(from))),
  b32dec: decoder('base32', BASE32_TEXT, base32Decoded),
};

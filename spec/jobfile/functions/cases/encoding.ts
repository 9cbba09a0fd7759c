import type { Cases } from './case.ts';

export const encoding: Cases = {
  b64enc: [
    ['b64enc "héllo"', 'aMOpbGxv'],
    ['b64enc ""', ''],
  ],
  b64dec: [
    ['b64dec "aMOpbGxv"', 'héllo'],
    ['b64dec "YQ==\\n"', 'a'],
    ['b64dec "not base64"', 'fails', '`b64dec` wants base64, with its padding'],
  ],
  b32enc: [
    ['b32enc "hello"', 'NBSWY3DP'],
    ['b32enc "a"', 'ME======'],
  ],
  b32dec: [
    ['b32dec "NBSWY3DP"', 'hello'],
    ['b32dec "ME======"', 'a'],
    ['b32dec "x"', 'fails', '`b32dec` wants base32, with its padding'],
  ],
};

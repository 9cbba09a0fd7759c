import type { Cases } from './case.ts';

export const flowControl: Cases = {
  fail: [
    ['fail "Please accept the licence"', 'fails', '`fail` says: Please accept the licence'],
    ['fail ""', 'fails', '`fail` says: '],
  ],
  error: [
    ['error "just these words"', 'fails', 'just these words'],
    ['error ""', 'fails', ''],
  ],
};

import type { Cases } from './case.ts';

export const network: Cases = {
  getHostByName: [
    ['has (getHostByName "localhost") (list "127.0.0.1" "::1")', 'true'],
    ['getHostByName "no..host"', 'fails', '`getHostByName` finds no address for "no..host"'],
  ],
};

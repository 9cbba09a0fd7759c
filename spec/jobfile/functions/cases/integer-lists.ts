import type { Cases } from './case.ts';

export const integerLists: Cases = {
  until: [
    ['until 5', '[0 1 2 3 4]'],
    ['until 0', '[]'],
    ['until -3', '[0 -1 -2]'],
  ],
  untilStep: [
    ['untilStep 3 6 2', '[3 5]'],
    ['untilStep 6 3 -2', '[6 4]'],
    ['untilStep 0 5 -1', '[]'],
    ['untilStep 0 5 0', '[]'],
  ],
  seq: [
    ['seq 5', '1 2 3 4 5'],
    ['seq -3', '1 0 -1 -2 -3'],
    ['seq 0 2', '0 1 2'],
    ['seq 2 -2', '2 1 0 -1 -2'],
    ['seq 0 2 10', '0 2 4 6 8 10'],
    ['seq 0 -2 -5', '0 -2 -4'],
    ['seq', ''],
  ],
};

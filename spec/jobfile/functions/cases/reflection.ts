import type { Cases } from './case.ts';

export const reflection: Cases = {
  typeOf: [
    ['typeOf 1', 'int'],
    ['typeOf (list)', '[]interface {}'],
    ['typeOf (add 1 2)', 'int64'],
    ['typeOf nil', '<nil>'],
  ],
  typeIs: [
    ['typeIs "string" "a"', 'true'],
    ['typeIs "int" 1.5', 'false'],
  ],
  typeIsLike: [
    ['typeIsLike "float64" 1.5', 'true'],
    ['typeIsLike "*int" 1', 'false'],
  ],
  kindOf: [
    ['kindOf "hello"', 'string'],
    ['kindOf (dict)', 'map'],
    ['kindOf 1.5', 'float64'],
  ],
  kindIs: [
    ['kindIs "int" 123', 'true'],
    ['kindIs "slice" (list)', 'true'],
    ['kindIs "map" (list)', 'false'],
  ],
  deepEqual: [
    ['deepEqual (list 1 2 3) (list 1 2 3)', 'true'],
    ['deepEqual (list 1 2) (list 2 1)', 'false'],
    ['deepEqual 1 (int64 1)', 'false'],
    ['deepEqual (dict "a" (list)) (dict "a" (list))', 'true'],
  ],
};

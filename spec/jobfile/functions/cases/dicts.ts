import type { Cases } from './case.ts';

export const dicts: Cases = {
  dict: [
    ['dict "name" "a" "slots" 2', 'map[name:a slots:2]'],
    ['dict "only"', 'map[only:]'],
    ['dict', 'map[]'],
  ],
  get: [
    ['get (dict "a" 1) "a"', '1'],
    ['get (dict "a" 1) "b"', ''],
  ],
  set: [
    ['set (dict "a" 1) "b" 2', 'map[a:1 b:2]'],
    ['set (dict "a" 1) "a" nil', 'map[a:<nil>]'],
  ],
  unset: [
    ['unset (dict "a" 1 "b" 2) "a"', 'map[b:2]'],
    ['unset (dict "a" 1) "z"', 'map[a:1]'],
  ],
  hasKey: [
    ['hasKey (dict "a" 1) "a"', 'true'],
    ['hasKey (dict "a" 1) "b"', 'false'],
  ],
  pluck: [
    ['pluck "a" (dict "a" 1) (dict "b" 2) (dict "a" 3)', '[1 3]'],
    ['pluck "a" (dict "a" nil)', '[<nil>]'],
    ['pluck "z" (dict)', '[]'],
  ],
  dig: [
    ['dig "user" "role" "guest" (dict "user" (dict "role" "curator"))', 'curator'],
    ['dig "user" "role" "guest" (dict)', 'guest'],
    ['dig "a" "b" "def" (dict "a" 5)', 'fails', '`dig` finds no dict to look for "b" in'],
  ],
  merge: [
    ['merge (dict "a" 1) (dict "a" 2 "b" 3)', 'map[a:1 b:3]'],
    ['merge (dict "a" (dict "x" 1)) (dict "a" (dict "x" 2 "y" 3)) (dict "z" 4)', 'map[a:map[x:1 y:3] z:4]'],
  ],
  mustMerge: [
    ['mustMerge (dict "a" "") (dict "a" 2)', 'map[a:2]'],
    ['mustMerge 1 (dict)', 'fails', '`mustMerge` wants a dict for `target`, not the number 1'],
  ],
  mergeOverwrite: [
    ['mergeOverwrite (dict "a" 1 "c" 0) (dict "a" 2 "b" 3)', 'map[a:2 b:3 c:0]'],
    ['mergeOverwrite (dict "a" (dict "x" 1)) (dict "a" (dict "x" 2))', 'map[a:map[x:2]]'],
  ],
  mustMergeOverwrite: [
    ['mustMergeOverwrite (dict "a" 1) (dict "a" "")', 'map[a:1]'],
    ['mustMergeOverwrite (dict) "x"', 'fails', '`mustMergeOverwrite` wants a dict for `source`, not the text "x"'],
  ],
  keys: [
    ['keys (dict "a" 1)', '[a]'],
    ['sortAlpha (keys (dict "b" 1) (dict "b" 2 "c" 3))', '[b b c]'],
    ['keys (dict)', '[]'],
  ],
  values: [
    ['values (dict "a" 1)', '[1]'],
    ['values (dict)', '[]'],
  ],
  pick: [
    ['pick (dict "a" 1 "b" 2 "c" 3) "a" "c" "z"', 'map[a:1 c:3]'],
    ['pick (dict "a" 1)', 'map[]'],
  ],
  omit: [
    ['omit (dict "a" 1 "b" 2 "c" 3) "a" "z"', 'map[b:2 c:3]'],
    ['omit (dict "a" 1)', 'map[a:1]'],
  ],
};

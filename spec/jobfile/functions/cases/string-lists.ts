import type { Cases } from './case.ts';

export const stringLists: Cases = {
  join: [
    ['join "_" (list "hello" "world")', 'hello_world'],
    ['join "+" (list 1 2 3)', '1+2+3'],
    ['join "," (list 1 nil "a" true)', '1,a,true'],
    ['join "," "abc"', 'abc'],
  ],
  splitList: [
    ['splitList "$" "foo$bar$baz"', '[foo bar baz]'],
    ['splitList "," ""', '[]'],
    ['splitList "" "abé"', '[a b é]'],
  ],
  split: [
    ['split "$" "foo$bar$baz"', 'map[_0:foo _1:bar _2:baz]'],
    ['split "," "a"', 'map[_0:a]'],
  ],
  splitn: [
    ['splitn "$" 2 "foo$bar$baz"', 'map[_0:foo _1:bar$baz]'],
    ['splitn "$" -1 "a$b$c"', 'map[_0:a _1:b _2:c]'],
    ['splitn "$" 0 "a$b"', 'map[]'],
  ],
  sortAlpha: [
    ['sortAlpha (list "b" "a" "C" 10 9)', '[10 9 C a b]'],
    ['sortAlpha (list)', '[]'],
    ['sortAlpha "x"', '[x]'],
  ],
  toStrings: [
    ['toStrings (list 1 2.5 true "x" nil)', '[1 2.5 true x]'],
    ['toStrings "x"', '[x]'],
    ['toStrings nil', '[]'],
  ],
};

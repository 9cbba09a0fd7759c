import type { Cases } from './case.ts';

export const lists: Cases = {
  list: [
    ['list 1 "a" nil 2.5', '[1 a <nil> 2.5]'],
    ['list', '[]'],
  ],
  tuple: [
    ['tuple 1 2', '[1 2]'],
    ['tuple', '[]'],
  ],
  first: [
    ['first (list 1 2 3)', '1'],
    ['first (list)', '<no value>'],
    ['first "abc"', 'fails', '`first` wants a list for `list`, not the text "abc"'],
  ],
  mustFirst: [
    ['mustFirst (splitList "," "a,b")', 'a'],
    ['mustFirst 5', 'fails', '`mustFirst` wants a list for `list`, not the number 5'],
  ],
  last: [
    ['last (list 1 2 3)', '3'],
    ['last (list)', '<no value>'],
  ],
  mustLast: [
    ['mustLast (list "x")', 'x'],
    ['mustLast "abc"', 'fails', '`mustLast` wants a list for `list`, not the text "abc"'],
  ],
  rest: [
    ['rest (list 1 2 3)', '[2 3]'],
    ['rest (list)', '[]'],
  ],
  mustRest: [
    ['mustRest (list 1)', '[]'],
    ['mustRest 5', 'fails', '`mustRest` wants a list for `list`, not the number 5'],
  ],
  initial: [
    ['initial (list 1 2 3)', '[1 2]'],
    ['initial (list)', '[]'],
  ],
  mustInitial: [
    ['mustInitial (list 1)', '[]'],
    ['mustInitial 5', 'fails', '`mustInitial` wants a list for `list`, not the number 5'],
  ],
  append: [
    ['append (list 1 2) 3', '[1 2 3]'],
    ['append (splitList "," "a,b") 1', '[a b 1]'],
    ['append "x" 1', 'fails', '`append` wants a list for `list`, not the text "x"'],
  ],
  mustAppend: [
    ['mustAppend (list) nil', '[<nil>]'],
    ['mustAppend 5 1', 'fails', '`mustAppend` wants a list for `list`, not the number 5'],
  ],
  push: [
    ['push (list 1) 2', '[1 2]'],
    ['push (list) (list)', '[[]]'],
  ],
  mustPush: [
    ['mustPush (list 1) "x"', '[1 x]'],
    ['mustPush "x" 1', 'fails', '`mustPush` wants a list for `list`, not the text "x"'],
  ],
  prepend: [
    ['prepend (list 1 2) 0', '[0 1 2]'],
    ['prepend (list) "a"', '[a]'],
  ],
  mustPrepend: [
    ['mustPrepend (list 1) nil', '[<nil> 1]'],
    ['mustPrepend 1 2', 'fails', '`mustPrepend` wants a list for `list`, not the number 1'],
  ],
  concat: [
    ['concat (list 1) (list 2 3) (splitList "," "x,y")', '[1 2 3 x y]'],
    ['concat', '[]'],
    ['concat (list 1) "x"', 'fails', '`concat` wants a list for `list`, not the text "x"'],
  ],
  reverse: [
    ['reverse (list 1 2 3)', '[3 2 1]'],
    ['reverse (list)', '[]'],
  ],
  mustReverse: [
    ['mustReverse (splitList "," "a,b")', '[b a]'],
    ['mustReverse "ab"', 'fails', '`mustReverse` wants a list for `list`, not the text "ab"'],
  ],
  uniq: [
    ['uniq (list 1 1 2 1 "1" (list 1) (list 1))', '[1 2 1 [1]]'],
    ['uniq (list 1 (int64 1))', '[1 1]'],
  ],
  mustUniq: [
    ['mustUniq (list)', '[]'],
    ['mustUniq "aa"', 'fails', '`mustUniq` wants a list for `list`, not the text "aa"'],
  ],
  without: [
    ['without (list 1 2 3 4 5) 1 3 5', '[2 4]'],
    ['without (list 1 2)', '[1 2]'],
  ],
  mustWithout: [
    ['mustWithout (list "a" "b") "a" "z"', '[b]'],
    ['mustWithout 5 1', 'fails', '`mustWithout` wants a list for `list`, not the number 5'],
  ],
  has: [
    ['has 4 (list 1 2 4)', 'true'],
    ['has "hello" (list 1 2)', 'false'],
    ['has 1 nil', 'false'],
    ['has (list 1) (list 0 (list 1))', 'true'],
    ['has (add 1 1) (list 1 2)', 'false'],
  ],
  mustHas: [
    ['mustHas "a" (splitList "," "a,b")', 'true'],
    ['mustHas 1 5', 'fails', '`mustHas` looks into lists only'],
  ],
  compact: [
    ['compact (list 1 "" nil "a" 0 false)', '[1 a]'],
    ['compact (list)', '[]'],
  ],
  mustCompact: [
    ['mustCompact (splitList "," "a,,b")', '[a b]'],
    ['mustCompact "x"', 'fails', '`mustCompact` wants a list for `list`, not the text "x"'],
  ],
  chunk: [
    ['chunk 3 (list 1 2 3 4 5 6 7 8)', '[[1 2 3] [4 5 6] [7 8]]'],
    ['chunk 3 (list)', '[]'],
  ],
  mustChunk: [
    ['mustChunk 5 (list 1)', '[[1]]'],
    ['mustChunk 0 (list 1)', 'fails', '`mustChunk` wants a size of 1 or more, not 0'],
  ],
};

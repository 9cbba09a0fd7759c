import type { Cases } from './case.ts';

export const builtins: Cases = {
  eq: [
    ['eq 1 1', 'true'],
    ['eq "a" "b" "a"', 'true'],
    ['eq 1 (int64 1)', 'true'],
    ['eq nil nil', 'true'],
    ['eq 1 "1"', 'fails', '`eq` can\'t compare the number 1 with the text "1": convert one of them (toString, int, float64)'],
  ],
  ne: [
    ['ne "a" "b"', 'true'],
    ['ne 1 1', 'false'],
  ],
  lt: [
    ['lt 1 2', 'true'],
    ['lt "b" "a"', 'false'],
    ['lt 1 "a"', 'fails', '`lt` can\'t compare the number 1 with the text "a": convert one of them (toString, int, float64)'],
  ],
  le: [
    ['le 2 2', 'true'],
    ['le 1.5 1.2', 'false'],
  ],
  gt: [
    ['gt 2 1', 'true'],
    ['gt "a" "b"', 'false'],
  ],
  ge: [
    ['ge 2 2', 'true'],
    ['ge 1 2', 'false'],
  ],
  not: [
    ['not 0', 'true'],
    ['not "a"', 'false'],
  ],
  and: [
    ['and 1 0 2', '0'],
    ['and 1 "a"', 'a'],
  ],
  or: [
    ['or 0 "" "x"', 'x'],
    ['or 0 ""', ''],
  ],
  len: [
    ['len "hé"', '3'],
    ['len (list 1 2)', '2'],
    ['len (dict "a" 1)', '1'],
    ['len 5', 'fails', '`len` wants a text, a list or a dict, not the number 5'],
  ],
  index: [
    ['index (list "a" "b") 1', 'b'],
    ['index (dict "a" (list 5 6)) "a" 1', '6'],
    ['index (dict "a" 1) "z"', '<no value>'],
    ['index (list 1) 5', 'fails', "`index` can't find item 5: there are 1, the first is 0"],
  ],
  lookup: [
    ['lookup (list "a" "b") 1', 'b'],
    ['lookup (dict "a" 1) "z"', '<no value>'],
  ],
  slice: [
    ['slice (list 1 2 3 4 5) 1 3', '[2 3]'],
    ['slice (list 1 2 3) 1', '[2 3]'],
    ['slice (list 1 2) 0 9', 'fails', "`slice` can't take 0 to 9 of 2"],
    ['slice "hello" 1 3', 'el'],
  ],
  mustSlice: [
    ['mustSlice (list 1 2 3) 0 2', '[1 2]'],
    ['mustSlice 5', 'fails', '`mustSlice` wants a text, a list or a dict, not the number 5'],
  ],
  print: [
    ['print 1 2 "a" "b" 3', '1 2ab3'],
    ['print', ''],
  ],
  println: [
    ['println "a" 1', 'a 1\n'],
    ['println', '\n'],
  ],
  printf: [
    ['printf "%s has %d slots" "x" 2', 'x has 2 slots'],
    ['printf "%05.1f|%-4s|%4s|%x|%q" 3.14159 "a" "b" 255 "c"', '003.1|a   |   b|ff|"c"'],
    ['printf "%v %+v %T" (list 1 "a") (dict "a" 1) 1.5', '[1 a] map[a:1] float64'],
    ['printf "%d %s" "x"', '%!d(string=x) %!s(MISSING)'],
  ],
  html: [
    ['html "<a href=\'x\'>\\"&"', '&lt;a href=&#39;x&#39;&gt;&#34;&amp;'],
    ['html 1 "a"', '1a'],
  ],
  js: [
    ['js "it\'s <b>"', "it\\'s \\u003Cb\\u003E"],
    ['js "a\\n"', 'a\\u000A'],
  ],
  urlquery: [
    ['urlquery "a b&c=d/é"', 'a+b%26c%3Dd%2F%C3%A9'],
    ['urlquery "a" "b"', 'ab'],
  ],
};

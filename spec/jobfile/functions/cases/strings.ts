import type { Cases } from './case.ts';

export const strings: Cases = {
  trim: [
    ['trim "  hello  "', 'hello'],
    ['trim "\\t\\n a b \\n"', 'a b'],
    ['trim ""', ''],
  ],
  trimAll: [
    ['trimAll "$" "$5.00$"', '5.00'],
    ['trimAll "ab" "abcba"', 'c'],
    ['trimAll "é" "éaé"', 'a'],
  ],
  trimall: [
    ['trimall "x" "xax"', 'a'],
    ['trimall "" " a "', ' a '],
  ],
  trimSuffix: [
    ['trimSuffix "-" "hello--"', 'hello-'],
    ['trimSuffix "x" "hello"', 'hello'],
  ],
  trimPrefix: [
    ['trimPrefix "-" "--hello"', '-hello'],
    ['trimPrefix "hello" "hello"', ''],
  ],
  upper: [
    ['upper "hello"', 'HELLO'],
    ['upper "straße"', 'STRAßE'],
  ],
  lower: [
    ['lower "HELLO"', 'hello'],
    ['lower "İSTANBUL ΑΣ"', 'istanbul ασ'],
  ],
  title: [
    ['title "hello world"', 'Hello World'],
    ['title "it\'s o_neill\'s ab-cd 1st élan"', "It'S O_neill'S Ab-Cd 1st Élan"],
  ],
  repeat: [
    ['repeat 3 "ab"', 'ababab'],
    ['repeat 0 "ab"', ''],
    ['repeat -1 "ab"', 'fails', "`repeat` can't make something -1 times"],
  ],
  substr: [
    ['substr 0 5 "hello world"', 'hello'],
    ['substr -1 3 "hello"', 'hel'],
    ['substr 2 -1 "hello"', 'llo'],
    ['substr 3 100 "hello"', 'lo'],
    ['substr 4 2 "hello"', 'fails', "`substr` can't take bytes 4 to 2 of a text of 5"],
  ],
  trunc: [
    ['trunc 5 "hello world"', 'hello'],
    ['trunc -5 "hello world"', 'world'],
    ['trunc 3 "héllo"', 'hé'],
    ['trunc 10 "abc"', 'abc'],
  ],
  contains: [
    ['contains "cat" "catch"', 'true'],
    ['contains "dog" "catch"', 'false'],
    ['contains "" "x"', 'true'],
  ],
  hasPrefix: [
    ['hasPrefix "cat" "catch"', 'true'],
    ['hasPrefix "catch" "cat"', 'false'],
  ],
  hasSuffix: [
    ['hasSuffix "ch" "catch"', 'true'],
    ['hasSuffix "cat" "catch"', 'false'],
  ],
  quote: [
    ['quote "say \\"hi\\"" 5 true', '"say \\"hi\\"" "5" "true"'],
    ['quote "a" nil "b"', '"a" "b"'],
    ['quote "tab\\tend" (list 1 "x")', '"tab\\tend" "[1 x]"'],
  ],
  squote: [
    ['squote "it" 5 1.5', "'it' '5' '1.5'"],
    ['squote nil', ''],
  ],
  cat: [
    ['cat "hello" "beautiful" "world"', 'hello beautiful world'],
    ['cat "a" nil 5 "" "b"', 'a 5  b'],
    ['cat', ''],
  ],
  indent: [
    ['indent 4 "a\\nb"', '    a\n    b'],
    ['indent 2 ""', '  '],
    ['indent -1 "a"', 'fails', "`indent` can't make something -1 times"],
  ],
  nindent: [
    ['nindent 2 "a\\nb"', '\n  a\n  b'],
    ['nindent 0 "a"', '\na'],
  ],
  replace: [
    ['replace " " "-" "I Am Henry VIII"', 'I-Am-Henry-VIII'],
    ['replace "" "-" "abc"', '-a-b-c-'],
    ['replace "x" "y" "abc"', 'abc'],
  ],
  plural: [
    ['plural "one anchovy" "many anchovies" 1', 'one anchovy'],
    ['plural "one anchovy" "many anchovies" 0', 'many anchovies'],
    ['plural "one" "many" 2', 'many'],
  ],
  hello: [
    ['hello', 'Hello!'],
    ['hello "you"', 'fails', '`hello` takes no arguments, not 1'],
  ],
};

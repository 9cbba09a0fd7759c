/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: RE2 writes groups so */
import type { Cases } from './case.ts';

export const regex: Cases = {
  regexMatch: [
    ['regexMatch "^[a-z]+-[0-9]+$" "task-12"', 'true'],
    ['regexMatch "(?i)HELLO" "well, hello"', 'true'],
    ['regexMatch "^b$" "a\\nb"', 'false'],
  ],
  mustRegexMatch: [
    ['mustRegexMatch "\\\\pL" "é"', 'true'],
    [
      'mustRegexMatch "(?=a)" "a"',
      'fails',
      "`mustRegexMatch` can't read the regular expression: error parsing regexp: invalid or unsupported Perl syntax: `(?=`",
    ],
    [
      'mustRegexMatch "(a)\\\\1" "aa"',
      'fails',
      "`mustRegexMatch` can't read the regular expression: error parsing regexp: invalid escape sequence: `\\1`",
    ],
  ],
  regexFind: [
    ['regexFind "[a-zA-Z][1-9]" "abcd1234"', 'd1'],
    ['regexFind "x" "abc"', ''],
  ],
  mustRegexFind: [
    ['mustRegexFind "a.c" "xabcx"', 'abc'],
    [
      'mustRegexFind "a{1001}" "a"',
      'fails',
      "`mustRegexFind` can't read the regular expression: error parsing regexp: invalid repeat count: `{1001}`",
    ],
  ],
  regexFindAll: [
    ['regexFindAll "[2468]" "123456789" -1', '[2 4 6 8]'],
    ['regexFindAll "[2468]" "123456789" 2', '[2 4]'],
    ['regexFindAll "x" "abc" -1', '[]'],
    ['regexFindAll "a" "aaa" 0', '[]'],
  ],
  mustRegexFindAll: [
    ['mustRegexFindAll "a+" "aabaaa" -1', '[aa aaa]'],
    [
      'mustRegexFindAll "a++" "a" 1',
      'fails',
      "`mustRegexFindAll` can't read the regular expression: error parsing regexp: invalid nested repetition operator: `++`",
    ],
  ],
  regexReplaceAll: [
    ['regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W"', '-W-xxW-'],
    ['regexReplaceAll "a(x*)b" "-ab-axxb-" "$1W"', '---'],
    ['regexReplaceAll "(?P<name>[a-z]+)" "hello 5" "<$name>"', '<hello> 5'],
    ['regexReplaceAll "" "abc" "-"', '-a-b-c-'],
  ],
  mustRegexReplaceAll: [
    ['mustRegexReplaceAll "b*" "abc" "-"', '-a-c-'],
    [
      'mustRegexReplaceAll "[" "a" "b"',
      'fails',
      "`mustRegexReplaceAll` can't read the regular expression: error parsing regexp: missing closing ]: `[`",
    ],
  ],
  regexReplaceAllLiteral: [
    ['regexReplaceAllLiteral "a(x*)b" "-ab-axxb-" "${1}"', '-${1}-${1}-'],
    ['regexReplaceAllLiteral "z" "abc" "y"', 'abc'],
  ],
  mustRegexReplaceAllLiteral: [
    ['mustRegexReplaceAllLiteral "\\\\d" "a1b2" "#"', 'a#b#'],
    [
      'mustRegexReplaceAllLiteral "(" "a" "b"',
      'fails',
      "`mustRegexReplaceAllLiteral` can't read the regular expression: error parsing regexp: missing closing ): `(`",
    ],
  ],
  regexSplit: [
    ['regexSplit "z+" "pizza" -1', '[pi a]'],
    ['regexSplit "z" "pizza" 2', '[pi za]'],
    ['regexSplit "" "abc" -1', '[a b c]'],
    ['regexSplit "a" "banana" 0', '[]'],
  ],
  mustRegexSplit: [
    ['mustRegexSplit ", *" "a,b,   c" -1', '[a b c]'],
    [
      'mustRegexSplit "\\\\Z" "a" 1',
      'fails',
      "`mustRegexSplit` can't read the regular expression: error parsing regexp: invalid escape sequence: `\\Z`",
    ],
  ],
  regexQuoteMeta: [
    ['regexQuoteMeta "1.2.3"', '1\\.2\\.3'],
    ['regexQuoteMeta "[a+b]*(c|d)?^$\\\\{}-"', '\\[a\\+b\\]\\*\\(c\\|d\\)\\?\\^\\$\\\\\\{\\}-'],
  ],
};

import type { Cases } from './case.ts';

export const defaults: Cases = {
  default: [
    ['default "foo" ""', 'foo'],
    ['default "foo" "bar"', 'bar'],
    ['default "foo" 0', 'foo'],
    ['default "foo" (list)', 'foo'],
    ['default "foo" nil', 'foo'],
  ],
  empty: [
    ['empty ""', 'true'],
    ['empty 0', 'true'],
    ['empty (list nil)', 'false'],
    ['empty "a"', 'false'],
  ],
  coalesce: [
    ['coalesce 0 1 2', '1'],
    ['coalesce "" nil "Matt"', 'Matt'],
    ['coalesce 0 ""', '<no value>'],
  ],
  all: [
    ['all 0 1 2', 'false'],
    ['all 1 "a" true', 'true'],
    ['all', 'true'],
  ],
  any: [
    ['any 0 1 2', 'true'],
    ['any 0 "" nil', 'false'],
    ['any', 'false'],
  ],
  ternary: [
    ['ternary "foo" "bar" true', 'foo'],
    ['ternary "foo" "bar" false', 'bar'],
    ['ternary "foo" "bar" 1', 'fails', '`ternary` wants true or false for `test`, not the number 1'],
  ],
  fromJson: [
    ['fromJson "{\\"foo\\": 55}"', 'map[foo:55]'],
    ['fromJson "[1, 2.5, null, true, \\"x\\"]"', '[1 2.5 <nil> true x]'],
    ['fromJson "nonsense"', '<no value>'],
  ],
  mustFromJson: [
    ['mustFromJson "\\"a\\""', 'a'],
    [
      'mustFromJson "nonsense"',
      'fails',
      "`mustFromJson` can't read the JSON: Unexpected token 'o', \"nonsense\" is not valid JSON",
    ],
  ],
  toJson: [
    ['toJson (dict "b" 1 "a" (list 1 2.5 nil true "x"))', '{"a":[1,2.5,null,true,"x"],"b":1}'],
    ['toJson "<a> & \\"b\\""', '"\\u003ca\\u003e \\u0026 \\"b\\""'],
    ['toJson 1e21', '1e+21'],
  ],
  mustToJson: [
    ['mustToJson (list)', '[]'],
    ['mustToJson nil', 'null'],
  ],
  toPrettyJson: [
    ['toPrettyJson (dict "b" (list 1 2) "a" (dict))', '{\n  "a": {},\n  "b": [\n    1,\n    2\n  ]\n}'],
    ['toPrettyJson 5', '5'],
  ],
  mustToPrettyJson: [
    ['mustToPrettyJson (list (dict "x" "<"))', '[\n  {\n    "x": "\\u003c"\n  }\n]'],
    ['mustToPrettyJson "a"', '"a"'],
  ],
  toRawJson: [
    ['toRawJson "<a> & b"', '"<a> & b"'],
    ['toRawJson (dict "a" "<b>")', '{"a":"<b>"}'],
  ],
  mustToRawJson: [
    ['mustToRawJson "a<b"', '"a<b"'],
    ['mustToRawJson true', 'true'],
  ],
};

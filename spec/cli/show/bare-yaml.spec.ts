import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { bareYaml } from '../../../src/cli/show/bare-yaml.ts';

const source = `# The nightly job
# yaml-language-server: $schema=x

version: "1" # always


name: nightly
about: "# no comment" # but this is
steps:
  # one step
  - { dockerfile: a#b, context: . } # in flow
env:
  SCRIPT: |
    #!/bin/sh
    # part of the script
    true
tasks: [a, # first
  b]
`;

describe('the jobfile that alfred show shows', () => {
  it('is without comments and runs of blank lines', () => {
    expect(`\n${bareYaml(source)}\n`).toMatchInlineSnapshot(`
      "
      version: "1"

      name: nightly
      about: "# no comment"
      steps:
        - { dockerfile: a#b, context: . }
      env:
        SCRIPT: |
          #!/bin/sh
          # part of the script
          true
      tasks: [a,
        b]
      "
    `);
  });

  it('still means the same', () => expect(parse(bareYaml(source))).toStrictEqual(parse(source)));

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('#', ':', ' ', '\n', '-', '|', '"', '{', 'a') }), text => {
        expect(bareYaml(text).length).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

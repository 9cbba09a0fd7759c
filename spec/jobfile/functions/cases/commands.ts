import type { Cases } from './case.ts';

export const commands: Cases = {
  exec: [
    ['exec "echo" "hello" "world"', 'hello world'],
    ['exec "printf" "a\\nb\\n\\n"', 'a\nb'],
    ['exec "no-such-program"', 'fails', '`exec` finds no program "no-such-program"'],
    ['exec "false"', 'fails', '`exec` ran a command that failed with exit code 1'],
  ],
  shell: [
    ['shell "echo one; echo two"', 'one\ntwo'],
    ['shell "pwd | wc -l"', '1'],
    ['shell "echo oops >&2; exit 3"', 'fails', '`shell` ran a command that failed with exit code 3'],
    ['shell "false | true"', 'fails', '`shell` ran a command that failed with exit code 1'],
  ],
};

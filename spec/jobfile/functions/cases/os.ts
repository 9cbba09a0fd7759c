/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell writes variables so */
import type { Cases } from './case.ts';

export const os: Cases = {
  env: [
    ['env "HOME"', '/root'],
    ['env "NOT_SET"', ''],
  ],
  expandenv: [
    ['expandenv "Your home is $HOME"', 'Your home is /root'],
    ['expandenv "${HOME}/x $NOT_SET|$$"', '/root/x |'],
  ],
};

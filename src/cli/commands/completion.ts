/** `alfred completion`: the script that teaches a shell to complete alfred's words. */
import { COMPLETION_SCRIPTS, type Shell } from '../completion/scripts.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

export const completion = async ({ output }: Context, shell: Shell): Promise<ExitCode> => {
  output.print(COMPLETION_SCRIPTS[shell]);
  return EXIT.ok;
};

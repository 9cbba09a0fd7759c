/** `alfred schema`: the JSON Schema of jobfiles, for editors. */
import { jobfileJsonSchema } from '../../jobfile/schema.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

export const schema = async ({ output }: Context): Promise<ExitCode> => {
  if (output.json) output.printDocument(jobfileJsonSchema());
  else output.print(JSON.stringify(jobfileJsonSchema(), null, 2));
  return EXIT.ok;
};

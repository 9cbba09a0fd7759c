import { createInterface } from 'node:readline/promises';

/** Asks the person at the terminal; where nobody sits (CI, a pipe), the answer is yes. */
export const agreed = async (question: string): Promise<boolean> => {
  if (process.env.CI !== undefined || !process.stdin.isTTY || !process.stderr.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [Y/n] `);
  terminal.close();
  return /^(y(es)?)?$/i.test(answer.trim());
};

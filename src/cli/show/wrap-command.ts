/** A word with the quotes, escapes and spaces inside it that belong to it; and the spaces before it. */
const WORD = /\s*((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\]|['"\\])+)/gsy;

/**
 * A command line over as many lines as it takes to stay within `width`, each but the last with a `\` at its end: a shell reads
 * what is pasted as the same command. Never breaks inside a word.
 */
export const wrapCommand = (commandLine: string, width: number): readonly string[] => {
  const words = [...commandLine.matchAll(WORD)].map(([, word = '']) => word);
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    // Two columns for the ` \`.
    if (line === '' || longer.length + 2 <= width) {
      line = longer;
      continue;
    }
    lines.push(`${line} \\`);
    line = `  ${word}`;
  }
  return [...lines, line];
};

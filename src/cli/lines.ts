/** Cuts a stream of bytes into lines; what follows the last line end comes with `end`. */
export const lineSplitter = (onLine: (line: string) => void) => {
  const decoder = new TextDecoder();
  let rest = '';
  const take = (text: string): void => {
    // docker draws its progress bars with a carriage return: what counts is what is drawn last.
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.slice(line.lastIndexOf('\r') + 1));
  };
  return {
    write: (chunk: Uint8Array): void => take(decoder.decode(chunk, { stream: true })),
    end: (): void => {
      take(decoder.decode());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
};

/**
 * The headings of `tail -v` over several files: one before each file, an empty line before each but the first, and with `-f`
 * one more whenever the text goes on in another file. Says nothing where the text goes on in the same one.
 */
export const createHeadings = (): Headings => {
  let latest: string | null = null;
  return {
    *before(fileName) {
      if (fileName === latest) return;
      const gap = latest === null ? '' : '\n';
      latest = fileName;
      yield Buffer.from(`${gap}==> ${fileName} <==\n`);
    },
  };
};

export type Headings = { before(fileName: string): Iterable<Uint8Array> };

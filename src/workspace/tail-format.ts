import type { LogPiece, LogPosition } from '../domain/task-log.ts';

/**
 * The headings of `tail -v` over several files: one before each file, an empty line before each but the first, and with `-f`
 * one more whenever the text goes on in another file. Says nothing where the text goes on in the same one, also over a lost
 * connection: `seen` is what came before.
 */
export const createHeadings = (seen: readonly LogPosition[]): Headings => {
  let latest = seen.at(-1)?.file ?? '';
  return {
    *before(position) {
      if (position.file === latest) return;
      const gap = latest === '' ? '' : '\n';
      latest = position.file;
      yield { data: Buffer.from(`${gap}==> ${latest} <==\n`), position };
    },
  };
};

/** `position`: where the text stands once the heading is read. */
export type Headings = { before(position: LogPosition): Iterable<LogPiece> };

import type { LogWriter } from '../engine/ports.ts';

/** Alfred's own words to the user of a task: what was pulled, what failed, what was killed and why. */
export type TaskLog = {
  /** Adds the text, a line of the log for each of its lines. Never fails, never waits. */
  say(text: string): void;
  /** Where the lines go from now on, and those that were said before. Opened when there is one: most tasks need no such file. */
  openWith(open: () => Promise<LogWriter>): void;
  /** Resolves when all that was said is in the file. */
  written(): Promise<void>;
  /** Writes what is left; later words are lost. */
  close(): Promise<void>;
};

/** `onError` hears of a log that can't be written: no reason for a task to fail. */
export const createTaskLog = (onError: (error: unknown) => void): TaskLog => {
  let unwritten: string[] = [];
  let open: (() => Promise<LogWriter>) | null = null;
  let writer: Promise<LogWriter> | null = null;
  let latest: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    if (open === null || unwritten.length === 0) return;
    writer ??= open();
    const lines = unwritten.join('');
    unwritten = [];
    await (await writer).append(Buffer.from(lines));
  };

  const flush = (): void => {
    latest = latest.then(write).catch(onError);
  };

  return {
    say: text => {
      unwritten.push(...text.split('\n').map(line => `${timestamp()} alfred: ${line}\n`));
      flush();
    },
    openWith: opening => {
      open = opening;
      flush();
    },
    written: () => latest,
    close: async () => {
      await latest;
      await writer?.then(it => it.close()).catch(onError);
    },
  };
};

/** The engine's format of nine decimals, so that the lines of both sort and align. */
const timestamp = (): string => new Date().toISOString().replace('Z', '000000Z');

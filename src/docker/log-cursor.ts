/** Where a reader stands in a container's log, in the terms in which the engine can be asked to go on. */
export type LogCursor = {
  /** Takes note of a frame that was read, by its timestamp. */
  pass(timestamp: string): void;
  /** Ask for the log `since` (seconds.nanoseconds; `null`: from the beginning), and drop the first `skip` frames: they were read. */
  resume(): { readonly since: string | null; readonly skip: number };
};

/** Nanoseconds since the epoch. */
type Time = bigint;

/**
 * How far back a read starts again, at least. The frames of the two streams are not in the strict order of their timestamps, so
 * the last one that was read is no safe point to go on from.
 */
const MARGIN: Time = 10_000_000_000n;

/** A point in the log, and how many of the frames read so far are not older. */
type Mark = { readonly at: Time | null; seen: number };

/**
 * The engine can be asked for a log since a time, not since a byte. So the cursor keeps a time some seconds back and counts the
 * frames from there on: a log of gigabytes is not read twice for its last line. A mark is set later than all frames read before,
 * so that its count starts at exactly zero.
 */
export const createLogCursor = (): LogCursor => {
  let safe: Mark = { at: null, seen: 0 };
  let next: Mark | null = null;
  let newest: Time = 0n;

  const pass = (timestamp: string): void => {
    const at = parseTime(timestamp);
    for (const mark of [safe, next]) if (mark !== null && (mark.at === null || at >= mark.at)) mark.seen += 1;
    if (at > newest) newest = at;
    if (next === null || next.at === null) next = { at: newest + 1n, seen: 0 };
    else if (newest - next.at > MARGIN) {
      safe = next;
      next = { at: newest + 1n, seen: 0 };
    }
  };

  const resume = () => ({ since: safe.at === null ? null : formatTime(safe.at), skip: safe.seen });

  return { pass, resume };
};

const SECOND: Time = 1_000_000_000n;

/** Reads RFC 3339 with up to nine decimals, in any zone. */
const parseTime = (timestamp: string): Time => {
  const [, toSeconds = '', decimals = '', zone = ''] = /^([^.Z+]{19})(?:\.(\d+))?(.*)$/.exec(timestamp) ?? [];
  return BigInt(Date.parse(toSeconds + zone) / 1_000) * SECOND + BigInt(decimals.padEnd(9, '0'));
};

const formatTime = (time: Time): string => `${time / SECOND}.${String(time % SECOND).padStart(9, '0')}`;

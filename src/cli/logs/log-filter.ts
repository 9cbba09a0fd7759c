import type { LogLine } from './log-line.ts';

export type LogFilter = {
  /** Milliseconds since the epoch; lines without a time pass. */
  readonly since: number | null;
  readonly pattern: RegExp | null;
};

export const passes = ({ since, pattern }: LogFilter, { timestamp, text }: LogLine): boolean =>
  (since === null || timestamp === null || Date.parse(timestamp) >= since) && (pattern === null || pattern.test(text));

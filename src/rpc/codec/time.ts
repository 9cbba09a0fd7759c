/** Times on the wire are Timestamps and Durations, in the domain milliseconds. */
import type { Duration } from '../generated/google/protobuf/duration.ts';

/** Go's zero time and proto's epoch: some servers send them for what has not happened yet. */
const isSet = (date: Date | undefined): date is Date => date !== undefined && date.getTime() > 0;

export const dateToMs = (date: Date | undefined): number | null => (isSet(date) ? Math.trunc(date.getTime()) : null);

export const dateFromMs = (ms: number | null): Date | undefined => (ms === null ? undefined : new Date(ms));

export const durationToMs = (duration: Duration | undefined): number =>
  duration === undefined ? 0 : duration.seconds * 1_000 + Math.trunc(duration.nanos / 1_000_000);

export const durationFromMs = (ms: number): Duration => ({
  seconds: Math.trunc(ms / 1_000),
  nanos: Math.trunc(ms % 1_000) * 1_000_000,
});

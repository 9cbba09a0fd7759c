import { hostname, userInfo } from 'node:os';
import type { Io } from './io.ts';

/** `user@host`, as a job's history shows who started it. */
export const startedBy = (env: Io['env']): string => `${userName(env)}@${hostname()}`;

/** A container may run as a user id that has no name. */
const userName = (env: Io['env']): string => {
  try {
    return userInfo().username;
  } catch {
    return env.USER || `uid-${process.getuid?.() ?? 'unknown'}`;
  }
};

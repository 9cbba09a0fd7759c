/** Which files of `output` are the task's logs, and in which order they are read. */

const STEP_LOG = /^[a-z0-9][a-z0-9_-]*-step-(\d+)\.log$/;
const ALFREDS_LOG = /^[a-z0-9][a-z0-9_-]*-alfred\.log$/;

export const isLogFile = (name: string): boolean => STEP_LOG.test(name) || ALFREDS_LOG.test(name);

/** Step logs by the number of their step, so that step 10 follows step 9; then Alfred's own. */
export const inLogOrder = (one: string, other: string): number =>
  Math.sign(stepOf(one) - stepOf(other)) || (one < other ? -1 : Number(one > other));

const stepOf = (name: string): number => Number(STEP_LOG.exec(name)?.[1] ?? Number.MAX_SAFE_INTEGER);

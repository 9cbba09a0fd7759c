/** How a container's main process ended. */
export type ContainerExit = {
  /** Its exit code; 128 + n when signal n killed it. */
  readonly code: number;
  /** The kernel killed a process of the container for want of memory. */
  readonly outOfMemory: boolean;
  /** The engine did not answer for a while before it. An engine that restarts stops its containers. */
  readonly engineWasAway: boolean;
};

/**
 * Linux's numbers, whatever this program runs on. Without SIGHUP: 129 is how git says "wrong usage", and nothing sends a
 * container SIGHUP.
 */
const SIGNALS: Readonly<Record<number, string>> = {
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
  31: 'SIGSYS',
};

/** What an engine sends to its containers when it stops or starts. */
const STOP_SIGNALS: readonly (string | undefined)[] = ['SIGTERM', 'SIGKILL'];

/** The exit in words, where the code alone does not say it; `null` where it does. */
export const exitReason = ({ code, outOfMemory, engineWasAway }: ContainerExit): string | null => {
  if (code === 0) return null;
  if (outOfMemory) return 'out of memory';
  const signal = SIGNALS[code - 128];
  if (engineWasAway && STOP_SIGNALS.includes(signal)) return `killed by ${signal} when the Docker engine went away`;
  return signal === undefined ? null : `killed by ${signal}`;
};

/** The exit as a part of a sentence: `exited with code 137 (out of memory)`. */
export const describeExit = (exit: ContainerExit): string => {
  const reason = exitReason(exit);
  return `exited with code ${exit.code}${reason === null ? '' : ` (${reason})`}`;
};

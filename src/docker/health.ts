import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { untilAborted } from '../base/until-aborted.ts';
import type { HealthCheck } from '../domain/job.ts';
import { askOnce, retried } from './calls.ts';
import type { Engine } from './engine.ts';
import { EngineError, messageOf } from './errors.ts';
import { createDemultiplexer } from './log-frames.ts';
import { chunksOf } from './stream.ts';

/** What came of a service's checks: `null` when one passed, else the last one's failure and output. */
export type HealthFailure = { readonly why: string; readonly output: string } | null;

/**
 * From a service's start to its first check. Within a second, and late enough that a service which is up in a moment is not checked
 * in vain: the next check is a whole interval away.
 */
const FIRST_CHECK_MS = 750;

/** Checks a service until a check passes or all have failed. */
export const untilHealthy = async (
  engine: Engine,
  containerId: string,
  check: HealthCheck,
  signal: AbortSignal,
): Promise<HealthFailure> => {
  let failure: HealthFailure = null;
  for (let tries = 0; tries < check.retries; tries += 1) {
    await delay(tries === 0 ? FIRST_CHECK_MS : check.intervalMs, undefined, { signal });
    failure = await runCheck(engine, containerId, check, signal);
    if (failure === null) return null;
  }
  return failure;
};

const runCheck = async (
  engine: Engine,
  containerId: string,
  { cmd, args, timeoutMs }: HealthCheck,
  signal: AbortSignal,
): Promise<HealthFailure> => {
  const what = `run ${cmd}`;
  try {
    // Where the connection breaks, or the engine is away, nobody knows what the check would have said: it is made again.
    const { code, output } = await retried(
      what,
      () => runInside(engine, containerId, { what, command: [cmd, ...args], timeoutMs }, signal),
      signal,
    );
    if (code === 0) return null;
    return { why: code === null ? `no answer within ${timeoutMs / 1_000} s` : `exit code ${code}`, output };
  } catch (error) {
    signal.throwIfAborted();
    // The container is gone or stopped, or the command does not exist: the check's failure, in the engine's words.
    if (error instanceof EngineError) return { why: messageOf(error), output: '' };
    throw error;
  }
};

type Command = { readonly what: string; readonly command: readonly string[]; readonly timeoutMs: number };

/** `code`: `null` when it still ran as its time was over. */
type CommandEnd = { readonly code: number | null; readonly output: string };

/** The engine may say that a command runs for a moment after its output has ended. */
const EXIT_CODE_WAIT_MS = 20;

/**
 * Runs a command in a container. Its time begins with its start, and whether it was over in time is asked of the engine: a slow
 * connection is not the command's fault. There is no way to kill it: it goes with its container.
 */
const runInside = async (
  engine: Engine,
  containerId: string,
  { what, command, timeoutMs }: Command,
  signal: AbortSignal,
): Promise<CommandEnd> => {
  const options = { Cmd: [...command], AttachStdout: true, AttachStderr: true };
  const exec = await askOnce(what, () => engine.docker.getContainer(containerId).exec(options), signal);
  const answer = await askOnce(what, () => exec.start({ Detach: false, Tty: false, abortSignal: signal }), signal);
  const limit = AbortSignal.timeout(timeoutMs);
  const output = await outputOf(what, answer, AbortSignal.any([signal, limit]));
  for (;;) {
    const { Running, ExitCode } = await askOnce(what, () => exec.inspect(), signal);
    if (!Running && ExitCode !== null) return { code: ExitCode, output };
    if (limit.aborted) return { code: null, output };
    await delay(EXIT_CODE_WAIT_MS, undefined, { signal });
  }
};

/** What is kept of a check's output: enough to see what it says. */
const OUTPUT_BYTES = 4_096;

/** The beginning of what comes until the output ends, or the signal aborts. */
const outputOf = async (what: string, answer: Readable, signal: AbortSignal): Promise<string> => {
  const demultiplex = createDemultiplexer();
  let output = Buffer.alloc(0);
  const read = async (): Promise<void> => {
    for await (const chunk of chunksOf(what, answer))
      for (const { bytes } of demultiplex(chunk))
        output = Buffer.concat([output, bytes.subarray(0, OUTPUT_BYTES - output.length)]);
  };
  try {
    await untilAborted(read(), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    answer.destroy();
  }
  return output.toString('utf8').trimEnd();
};

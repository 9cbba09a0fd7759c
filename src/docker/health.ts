import { setTimeout as delay } from 'node:timers/promises';
import { untilAborted } from '../base/until-aborted.ts';
import type { HealthCheck } from '../domain/job.ts';
import { ask } from './calls.ts';
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

/** What is kept of a check's output: enough to see what it says. */
const OUTPUT_BYTES = 4_096;

const runCheck = async (
  engine: Engine,
  containerId: string,
  { cmd, args, timeoutMs }: HealthCheck,
  signal: AbortSignal,
): Promise<HealthFailure> => {
  const limit = AbortSignal.timeout(timeoutMs);
  const cut = AbortSignal.any([signal, limit]);
  const output: Buffer[] = [];
  try {
    const code = await untilAborted(
      runInside(engine, containerId, [cmd, ...args], bytes => output.push(bytes), cut),
      cut,
    );
    return code === 0 ? null : { why: `exit code ${code}`, output: textOf(output) };
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return { why: `no answer within ${timeoutMs / 1_000} s`, output: textOf(output) };
    // The container is gone or stopped, or the command does not exist: the check's failure, in the engine's words.
    if (error instanceof EngineError) return { why: messageOf(error), output: textOf(output) };
    throw error;
  }
};

const textOf = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).subarray(0, OUTPUT_BYTES).toString('utf8').trimEnd();

/** The engine may say that a command runs for a moment after its output has ended. */
const EXIT_CODE_WAIT_MS = 20;

/** Runs a command in a container and returns its exit code. There is no way to kill it: it goes with its container. */
const runInside = async (
  engine: Engine,
  containerId: string,
  command: readonly string[],
  onOutput: (bytes: Buffer) => void,
  signal: AbortSignal,
): Promise<number> => {
  const what = `run ${command[0]}`;
  const options = { Cmd: [...command], AttachStdout: true, AttachStderr: true };
  const exec = await ask(what, () => engine.docker.getContainer(containerId).exec(options), signal);
  const answer = await ask(what, () => exec.start({ Detach: false, Tty: false, abortSignal: signal }), signal);
  const demultiplex = createDemultiplexer();
  let kept = 0;
  for await (const chunk of chunksOf(what, answer as unknown as AsyncIterable<Buffer>)) {
    for (const { bytes } of demultiplex(chunk)) {
      if (kept < OUTPUT_BYTES) onOutput(bytes);
      kept += bytes.length;
    }
  }
  for (;;) {
    const { Running, ExitCode } = await ask(what, () => exec.inspect(), signal);
    if (!Running && ExitCode !== null) return ExitCode;
    await delay(EXIT_CODE_WAIT_MS, undefined, { signal });
  }
};

/**
 * `exec` and `shell`: the only functions that reach the machine. They run what the jobfile says, in its folder, and hand back
 * what it wrote to stdout. This is meant: whoever runs a jobfile trusts it as they trust a Makefile.
 */
import { setTimeout } from 'node:timers/promises';
import { ExecaError, execa } from 'execa';
import { type CallContext, CallError, fn, type TemplateFunction, text, variadic } from '../template/function.ts';

/** More than fits into any jobfile. */
const MOST_OUTPUT_BYTES = 10 * 2 ** 20;

/** Between SIGTERM and SIGKILL, for a command that is to end. */
const GRACE_MS = 1_000;

/** What the command wrote, without the line ends at the end. Ends with the signal, and so do the processes that it started. */
async function outputOf(program: string, args: readonly string[], { env, folder, signal }: CallContext): Promise<string> {
  // A process group of its own, so that what a shell started can be ended with it.
  const child = execa(program, args, {
    cwd: folder,
    env: { ...env },
    extendEnv: false,
    stdin: 'ignore',
    detached: true,
    maxBuffer: MOST_OUTPUT_BYTES,
    stripFinalNewline: false,
  });
  let ending: Promise<void> | undefined;
  const end = (): void => {
    if (child.pid !== undefined) ending = endGroup(child.pid);
  };
  signal.addEventListener('abort', end);
  try {
    const { stdout } = await child;
    return stdout.replace(/(\r?\n)+$/, '');
  } catch (error) {
    signal.throwIfAborted();
    throw failed(program, error);
  } finally {
    signal.removeEventListener('abort', end);
    await ending;
  }
}

/** Resolves when nobody of the process group is left. */
async function endGroup(pid: number): Promise<void> {
  const giveUpAt = performance.now() + GRACE_MS;
  for (let isThere = signalGroup(pid, 'SIGTERM'); isThere && performance.now() < giveUpAt; isThere = signalGroup(pid, 0)) {
    await setTimeout(GRACE_MS / 50);
  }
  signalGroup(pid, 'SIGKILL');
}

/** Says whether there was anybody to hear it; 0 only asks. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

function failed(program: string, cause: unknown): CallError {
  if (!(cause instanceof ExecaError)) throw cause;
  return new CallError(whyFailed(program, cause), { cause, output: String(cause.stderr ?? '').trimEnd() || null });
}

function whyFailed(program: string, error: ExecaError): string {
  if (error.code === 'ENOENT') return `finds no program ${JSON.stringify(program)}`;
  if (error.isMaxBuffer) return `got more than ${MOST_OUTPUT_BYTES} bytes of output`;
  if (error.signal !== undefined) return `ran a command that was killed by ${error.signal}`;
  return error.exitCode === undefined
    ? `could not run the command: ${error.originalMessage}`
    : `ran a command that failed with exit code ${error.exitCode}`;
}

export const commands: Readonly<Record<string, TemplateFunction>> = {
  exec: variadic([text('program')], text('argument'), (program, args, context) => outputOf(program, args, context)),
  shell: fn([text('script')], (script, context) => outputOf('bash', ['-euo', 'pipefail', '-c', script], context)),
};

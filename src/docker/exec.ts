/** Commands of people in the containers of running steps: docker's exec, with its input, its terminal and its end. */
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Log } from '../base/log.ts';
import type { ExecEnd, ExecOutput, ExecRequest, RunningCommand, TerminalSize } from '../domain/exec.ts';
import type { NodeId } from '../domain/names.ts';
import { ok, type Result, refuse } from '../domain/refusal.ts';
import type { TaskShell } from '../engine/ports.ts';
import { ask, change, changeOnce } from './calls.ts';
import { type FoundContainer, listContainers } from './containers.ts';
import type { Engine } from './engine.ts';
import { hasStatus, toEngineError } from './errors.ts';
import { ensureKeptContainer } from './kept.ts';
import { createDemultiplexer } from './log-frames.ts';
import { LABEL, stepOf } from './names.ts';
import { chunksOf } from './stream.ts';

export type DockerTaskShellOptions = {
  /** This server's id, in the labels of what it made. */
  readonly instance: string;
  /** Where a node's tasks run; waits while the node can't be reached. Rejects when there is no such node. */
  readonly hostOf: (nodeId: NodeId, signal: AbortSignal) => Promise<{ readonly engine: Engine }>;
  readonly log: Log;
};

export const createDockerTaskShell = ({ instance, hostOf, log }: DockerTaskShellOptions): TaskShell => {
  const openIn =
    (find: FindContainer): TaskShell['open'] =>
    async (nodeId, request, signal) => {
      const { engine } = await hostOf(nodeId, signal);
      const labels = { [LABEL.server]: instance, [LABEL.job]: request.jobId, [LABEL.task]: request.taskName };
      const container = await find(engine, await listContainers(engine, labels, signal), signal, request.taskName);
      return container.ok ? ok(await execute(engine, container.value, request, log, signal)) : container;
    };
  return { open: openIn(runningStep), openKept: openIn(ensureKeptContainer) };
};

/** The id of the container to be in, given those of the task. */
type FindContainer = (
  engine: Engine,
  found: readonly FoundContainer[],
  signal: AbortSignal,
  taskName: string,
) => Promise<Result<string>>;

const runningStep: FindContainer = async (_engine, found, _signal, taskName) => {
  const [begun] = found
    .map(container => ({ container, step: stepOf(container.labels) ?? 0 }))
    .filter(({ step }) => step > 0)
    .toSorted((one, other) => other.step - one.step);
  if (begun === undefined)
    return refuse('notRunning', `${taskName} has no step yet, only what its services need: try again soon`);
  const { step, container } = begun;
  if (container.state === 'running') return ok(container.id);
  const where = container.state === 'created' ? `step ${step} is about to start` : `step ${step} has just ended`;
  return refuse('notRunning', `${taskName} runs nothing at the moment (${where}): try again soon`);
};

/** The engine knows no default; a shell that can do more comes first. */
const SHELL = ['sh', '-c', 'command -v bash >/dev/null 2>&1 && exec bash; exec sh'];

/** In the environment of the command, and so of all that it starts: the engine has no other way to find them again. */
const MARK = 'ALFRED_EXEC_ID';

const execute = async (
  engine: Engine,
  containerId: string,
  { command, terminal }: ExecRequest,
  log: Log,
  signal: AbortSignal,
): Promise<RunningCommand> => {
  const what = `run ${command[0] ?? 'a shell'}`;
  const id = randomUUID();
  const isTerminal = terminal !== null;
  const exec = await createExec(engine, what, containerId, {
    Cmd: command.length === 0 ? SHELL : [...command],
    Env: [`${MARK}=${id}`],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: isTerminal,
  });
  const hangUp = (): void => {
    killMarked(engine, containerId, id).catch(error =>
      log.warn({ err: error, container: containerId }, `could not end: ${what}`),
    );
  };
  let connection: Duplex;
  try {
    connection = await changeOnce(what, () => exec.start({ hijack: true, stdin: true, Tty: isTerminal }), signal);
  } catch (error) {
    // It may have begun all the same.
    if (signal.aborted) hangUp();
    throw error;
  }
  surviveBrokenInput(connection);
  const leave = (): void => {
    connection.destroy();
    hangUp();
  };
  signal.addEventListener('abort', leave, { once: true });

  let lost: unknown = null;
  async function* output(): AsyncGenerator<ExecOutput> {
    const takeApart = isTerminal ? (bytes: Buffer) => [{ stream: 'stdout', bytes } as const] : createDemultiplexer();
    try {
      for await (const chunk of chunksOf(what, connection)) yield* takeApart(chunk);
    } catch (error) {
      // The engine ends the connection hard when the command left input unread, so this may be its ordinary end.
      lost = error;
    }
  }

  const resize = async ({ columns, rows }: TerminalSize): Promise<void> => {
    await change('resize the terminal', () => exec.resize({ h: rows, w: columns }), signal).catch(() => undefined);
  };
  if (terminal !== null) void resize(terminal);

  return {
    write: bytes => new Promise(resolve => connection.write(bytes, () => resolve())),
    endInput: () => {
      // With a terminal the engine would take it for the end of the session, and the last output would be lost.
      if (!isTerminal) connection.end();
    },
    resize,
    output: output(),
    ended: async () => {
      const end = await untilEnded(engine, exec, containerId, { what, lost, signal });
      signal.removeEventListener('abort', leave);
      return end;
    },
  };
};

const createExec = (engine: Engine, what: string, containerId: string, options: Docker.ExecCreateOptions): Promise<Docker.Exec> =>
  ask(what, () => engine.docker.getContainer(containerId).exec(options));

/**
 * A command may end without reading all of its input. Node destroys a stream of which a write fails, and with it the output that
 * has come and is not read yet; so failed writes are taken for done here, and the connection ends where its output does.
 */
const surviveBrokenInput = (connection: Duplex): void => {
  const { _write: write, _writev: writev } = connection;
  connection._write = (chunk, encoding, done) => write.call(connection, chunk, encoding, () => done());
  if (writev) connection._writev = (chunks, done) => writev.call(connection, chunks, () => done());
};

const SIGKILLED = 128 + 9;

/** The engine may say that a command runs for a moment after its output has ended. */
const EXIT_CODE_WAIT_MS = 20;

/** A command that was killed may have been so because its container ended, of which the engine hears later. */
const CONTAINER_NEWS_MS = 1_000;

type Ending = { readonly what: string; readonly lost: unknown; readonly signal: AbortSignal };

const untilEnded = async (
  engine: Engine,
  exec: Docker.Exec,
  containerId: string,
  { what, lost, signal }: Ending,
): Promise<ExecEnd> => {
  try {
    for (;;) {
      const { Running, ExitCode } = await ask(what, () => exec.inspect(), signal);
      if (!Running && ExitCode !== null) {
        const isTaken = ExitCode === SIGKILLED && (await endsWithin(engine, containerId, CONTAINER_NEWS_MS, signal));
        return isTaken ? { type: 'containerEnded' } : { type: 'exited', code: ExitCode };
      }
      if (!(await isRunning(engine, containerId, signal))) return { type: 'containerEnded' };
      if (lost !== null) throw toEngineError(what, lost);
      await delay(EXIT_CODE_WAIT_MS, undefined, { signal });
    }
  } catch (error) {
    // A step's container is removed soon after the last step's end, and what ran in it is forgotten with it.
    if (hasStatus(error, 404)) return { type: 'containerEnded' };
    throw error;
  }
};

const endsWithin = async (engine: Engine, containerId: string, limitMs: number, signal: AbortSignal): Promise<boolean> => {
  const giveUpAt = Date.now() + limitMs;
  while (await isRunning(engine, containerId, signal)) {
    if (Date.now() > giveUpAt) return false;
    await delay(EXIT_CODE_WAIT_MS, undefined, { signal });
  }
  return true;
};

const isRunning = async (engine: Engine, containerId: string, signal: AbortSignal): Promise<boolean> => {
  const { State } = await ask('look at the container', () => engine.docker.getContainer(containerId).inspect(), signal);
  return State.Running;
};

/** As a terminal that is closed does; what does not care for that is killed a second later. */
const HANG_UP = `
for signal in HUP KILL; do
  for process in /proc/[0-9]*; do
    grep -qs "${MARK}=$1" "$process/environ" && kill -$signal "\${process#/proc/}" && found=yes
  done
  [ "$found" ] || exit 0
  [ $signal = KILL ] || sleep 1
done`;

/**
 * Ends a command and what it started. The engine can't: so they are looked for inside the container, by the mark in their environment,
 * with the image's own shell and grep. Without those, or with the mark taken out of the environment, they go with the container.
 */
const killMarked = async (engine: Engine, containerId: string, id: string): Promise<void> => {
  try {
    const exec = await createExec(engine, 'hang up', containerId, { Cmd: ['sh', '-c', HANG_UP, 'sh', id] });
    await change('hang up', () => exec.start({ Detach: true }));
  } catch (error) {
    // Gone or stopped, and the command with it.
    if (!hasStatus(error, 404, 409)) throw error;
  }
};

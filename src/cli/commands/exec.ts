/** `alfred exec`: a shell, or any command, beside the step that a task is at. */
import { fromEvent, map, NEVER, type Observable } from 'rxjs';
import type { TerminalSize } from '../../domain/exec.ts';
import { ServerUnreachableError } from '../../rpc/client-port.ts';
import { type Context, withServer } from '../context.ts';
import { UsageError } from '../errors.ts';
import type { CommandExitCode, ExitCode } from '../exit-codes.ts';
import type { TerminalStream } from '../io.ts';
import { findJob } from '../job-names.ts';
import { enterRawMode, type Keyboard } from '../raw-mode.ts';
import { findTasks } from '../task-names.ts';
import { writeAll } from '../write-all.ts';

export const exec = (
  context: Context,
  part: string,
  taskName: string,
  command: readonly string[],
  _options: object,
  keyboard: Keyboard = process.stdin,
): Promise<ExitCode> => {
  const { io, output } = context;
  if (output.json) throw new UsageError('exec passes on what the command writes: leave out --json');
  return withServer(context, async ({ client }) => {
    const job = await findJob(client, part);
    findTasks(job, [taskName]);
    // With only one of them a terminal, what goes through the other must stay as it is.
    const isTerminal = keyboard.isTTY === true && io.stdout.isTTY === true;
    let started = false;
    let leave = () => {};
    try {
      const code = await client.exec(
        { jobId: job.name, taskName, command, terminal: isTerminal ? sizeOf(io.stdout) : null },
        {
          onStarted: () => {
            started = true;
            if (isTerminal) leave = enterRawMode(keyboard);
          },
          input: keyboard,
          size$: isTerminal ? sizesOf(io.stdout) : NEVER,
          write: ({ stream, bytes }) => writeAll(io[stream], bytes, io.signal),
        },
        io.signal,
      );
      return code as CommandExitCode;
    } catch (error) {
      if (!started || !(error instanceof ServerUnreachableError)) throw error;
      throw new ServerUnreachableError(`the connection is lost, and the command with it: ${error.message}`, { cause: error });
    } finally {
      leave();
    }
  });
};

const sizesOf = (terminal: TerminalStream): Observable<TerminalSize> =>
  fromEvent(terminal, 'resize').pipe(map(() => sizeOf(terminal)));

const sizeOf = ({ columns = 80, rows = 24 }: TerminalStream): TerminalSize => ({ columns, rows });

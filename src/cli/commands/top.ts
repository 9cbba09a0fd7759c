/** `alfred top`: the dashboard, on the terminal that the command was started from. */
import type { TerminalInput } from '../../tui/screen.ts';
import { type Context, withServer } from '../context.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Pen } from '../pen.ts';
import { describeRemote, resolveRemote } from '../remote.ts';

/** A terminal's side from which keys come; a pipe has none. */
export type Keyboard = TerminalInput & { readonly isTTY?: boolean };

export const top = async (context: Context, _options: object, keyboard: Keyboard = process.stdin): Promise<ExitCode> => {
  const { io, output } = context;
  const remote = resolveRemote(context.remoteOptions, io.env);
  if (output.json) throw new UsageError('top shows a screen, which is no data: ask alfred ps --json');
  if (io.stdout.isTTY !== true || keyboard.isTTY !== true || io.env.TERM === 'dumb')
    throw new UsageError('top needs a terminal to draw on and to take keys from; alfred ps prints the jobs anywhere');
  if (remote.type === 'local')
    throw new UsageError('top has nothing to show of a server that this command would have to start: name one with --remote');
  const { runDashboard } = await import('../../tui/dashboard.ts');
  return withServer(context, async ({ client }) => {
    await runDashboard({
      address: describeRemote(remote),
      client,
      stdin: keyboard,
      stdout: io.stdout,
      color: hasColours(output.pen),
      signal: io.signal,
    });
    return EXIT.ok;
  });
};

/** The pen for stdout was picked by all that has a say in it: the option, the environment, the terminal. */
const hasColours = ({ paint }: Pen): boolean => paint('red', ' ') !== ' ';

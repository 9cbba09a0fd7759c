import type { Command } from 'commander';
import type { Context, Doors } from './context.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import { createOutput } from './output.ts';
import { quoteCommand } from './quote.ts';
import type { RemoteOptions } from './remote.ts';

/** What a command line is run in. */
export type Surroundings = {
  /** Without the program's own two words. */
  readonly argv: readonly string[];
  readonly io: Io;
  readonly doors: Doors;
  readonly onEnd: (exitCode: ExitCode) => void;
};

type GlobalOptions = RemoteOptions & { readonly verbose?: boolean; readonly json?: boolean; readonly color: boolean };

/** A command's function, given what was typed after its context, as what commander calls. */
export const act =
  <Typed extends readonly unknown[]>(
    { argv, io, doors, onEnd }: Surroundings,
    load: () => Promise<(context: Context, ...typed: Typed) => Promise<ExitCode>>,
  ) =>
  async (...received: readonly [...Typed, Command]): Promise<void> => {
    const globals: GlobalOptions = (received.at(-1) as Command).optsWithGlobals();
    const output = createOutput(io, { ...globals, json: globals.json === true, verbose: globals.verbose === true });
    const context: Context = { io, output, remoteOptions: globals, commandLine: quoteCommand(['alfred', ...argv]), doors };
    const command = await load();
    onEnd(await command(context, ...(received.slice(0, -1) as unknown as Typed)));
  };

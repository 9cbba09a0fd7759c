/** Runs a command line in this process, against a server and an engine that are what the spec says. */
import type { Doors } from '../../../src/cli/context.ts';
import type { Io } from '../../../src/cli/io.ts';
import type { Remote } from '../../../src/cli/remote.ts';
import { runAlfred } from '../../../src/cli/run-alfred.ts';
import type { AlfredClient } from '../../../src/rpc/client-port.ts';
import { fakeClient } from './fake-client.ts';
import { type FakeIo, fakeIo } from './io.ts';

export type World = {
  /** What the server answers. */
  readonly client?: Partial<AlfredClient>;
  /** Whether the server is one inside the command. @default false */
  readonly isLocal?: boolean;
  readonly io?: Partial<Io>;
  readonly doors?: Partial<Doors>;
};

export type Run = FakeIo & {
  readonly exitCode: Promise<number>;
  /** The server that was asked for, and how often it was closed. */
  readonly remotes: readonly Remote[];
  closed(): number;
};

/** Any call of a door that the spec does not open is a mistake. */
const closedDoor = (name: string) => (): never => {
  throw new Error(`this spec expects nobody at the door ${name}`);
};

export const startAlfred = (argv: readonly string[], { client, isLocal = false, io = {}, doors = {} }: World = {}): Run => {
  const process = fakeIo(io);
  const remotes: Remote[] = [];
  let closed = 0;
  const exitCode = runAlfred(argv, process.io, {
    openServer: async remote => {
      remotes.push(remote);
      const close = async (): Promise<void> => {
        closed += 1;
      };
      return { client: fakeClient(client), isLocal, close };
    },
    buildImages: closedDoor('buildImages'),
    saveImage: closedDoor('saveImage'),
    imageBytes: closedDoor('imageBytes'),
    ...doors,
  });
  return { ...process, exitCode, remotes, closed: () => closed };
};

/** The same, to its end. */
export const alfred = async (argv: readonly string[], world: World = {}) => {
  const run = startAlfred(argv, world);
  const exitCode = await run.exitCode;
  return { exitCode, stdout: run.stdout(), stderr: run.stderr(), remotes: run.remotes, closed: run.closed() };
};

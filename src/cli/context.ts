/** What every command is handed: the terminal, how to talk to it, and the doors to the world behind it. */
import type { SchedulerLike } from 'rxjs';
import type { BuildProgress } from '../jobfile/build.ts';
import type { Jobfile } from '../jobfile/jobfile.ts';
import { type AlfredClient, ServerUnreachableError } from '../rpc/client-port.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';
import { quoteCommand } from './quote.ts';
import { type Remote, type RemoteOptions, remoteFlags, resolveRemote } from './remote.ts';

export type Context = {
  readonly io: Io;
  readonly output: Output;
  readonly remoteOptions: RemoteOptions;
  /** As typed, quoted for a shell. */
  readonly commandLine: string;
  readonly doors: Doors;
};

/** What lies beyond the terminal. Opened by the commands that need it: none of it is loaded before. */
export type Doors = {
  openServer(remote: Remote, context: Context): Promise<OpenServer>;
  buildImages(
    jobfile: Jobfile,
    options: { readonly signal: AbortSignal; readonly onProgress: (progress: BuildProgress) => void },
  ): Promise<readonly string[]>;
  saveImage(imageId: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Bytes of the image as the engine counts them: near the size of what {@link Doors.saveImage} gives. `null`: not known. */
  imageBytes(imageId: string, signal: AbortSignal): Promise<number | null>;
  /** The clock and the timers; none: the real ones. */
  readonly clock?: SchedulerLike;
};

/** A server as long as a command needs it. */
export type OpenServer = {
  readonly client: AlfredClient;
  /** It ends with the command, and with it go all jobs, logs and artifacts. */
  readonly isLocal: boolean;
  /** What another command names it by, as long as this one runs; none: as this one does. */
  readonly remote?: string;
  close(): Promise<void>;
};

/** Opens the server that the options name, and closes it whatever happens. */
export const withServer = async <Value>(context: Context, use: (server: OpenServer) => Promise<Value>): Promise<Value> => {
  const remote = resolveRemote(context.remoteOptions, context.io.env);
  try {
    const server = await context.doors.openServer(remote, context);
    try {
      return await use(server);
    } finally {
      await server.close();
    }
  } catch (error) {
    if (!(error instanceof ServerUnreachableError) || remote.type !== 'server' || !remote.isDefault) throw error;
    throw new ServerUnreachableError(`${error.message}\n${WITHOUT_DEFAULT}`, { cause: error });
  }
};

const WITHOUT_DEFAULT = 'Name another server with --remote or ALFRED_REMOTE, or do without one: alfred run --local';

/** A command for the user to type next, that goes to the same server as this one. */
export const nextCommand = ({ remoteOptions }: Context, ...words: readonly string[]): string =>
  quoteCommand(['alfred', ...remoteFlags(remoteOptions), ...words]);

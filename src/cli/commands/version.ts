/** `alfred version`: the client's own version at once, then the server's. */
import { buildInfo } from '../../base/build-info.ts';
import { type Context, withServer } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { oneLine } from '../one-line.ts';
import { resolveRemote } from '../remote.ts';

type Version = { readonly version: string; readonly commit: string };

export const version = async (context: Context): Promise<ExitCode> => {
  const { output } = context;
  const client: Version = { version: buildInfo.version, commit: buildInfo.commit };
  if (!output.json) output.print(line('client', client));
  let server: Version | null = null;
  try {
    server = await askServer(context, client);
    if (!output.json) output.print(line('server', server));
  } finally {
    // Also when the server can't be reached: the client's half is known.
    if (output.json) output.printDocument({ client, server });
  }
  return EXIT.ok;
};

/** A server inside this command is the same program: it need not be started to be asked. */
const askServer = async (context: Context, client: Version): Promise<Version> => {
  if (resolveRemote(context.remoteOptions, context.io.env).type === 'local') return client;
  return withServer(context, ({ client }) => client.ping(context.io.signal));
};

const line = (side: string, { version, commit }: Version): string => `${side}  ${oneLine(version)} (${oneLine(commit)})`;

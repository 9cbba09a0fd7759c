/** One ssh connection, from its making to its end. It is never made again: `connection.ts` makes another. */
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type AnyAuthMethod, Client, type ClientChannel } from 'ssh2';
import { untilAborted } from '../../base/until-aborted.ts';
import type { RemoteCommand } from '../../engine/ports.ts';
import { streamOf } from './channel-stream.ts';
import { commandOf } from './command.ts';
import { type HostKey, parseHostKey } from './host-key.ts';
import { hostKeyAlgorithms } from './host-key-types.ts';
import { createSessionPlaces } from './session-places.ts';
import { commandLine, createMarks, WARDEN_READY, wardenScript } from './warden.ts';
import { addressOf, connectError, type Target } from './words.ts';

/** Where to, who as, and whom to trust there. */
export type LinkOptions = {
  readonly target: Target;
  readonly identity: {
    /** Unencrypted, as files have them. */
    readonly privateKeys: readonly (string | Buffer)[];
    /** The agent's socket. */
    readonly agent?: string;
  };
  /** Rejects with a `HostKeyError` when the key is not to be trusted. */
  readonly trust: (key: HostKey) => Promise<void>;
  /** The types of the host keys that are known: the host is asked for these, as it may have others too. */
  readonly hostKeyTypes?: () => Promise<readonly string[]>;
  /** How often a silent host is asked whether it is there. @default 30000 */
  readonly keepaliveMs?: number;
};

export type Link = {
  /** Aborts when the connection is gone, with the reason. */
  readonly lost: AbortSignal;
  run(script: string, signal: AbortSignal): Promise<RemoteCommand>;
  /** A new connection to a socket as the host sees it: `unix:///path` or `tcp://host:port`. Rejects with {@link DialError}. It fails with `lostError()` when the link is lost. */
  dial(address: string, lostError: () => Error): Promise<Duplex>;
  /** Ends what still runs of an earlier link to the same host. */
  endMarked(prefix: string): void;
  /** With what the marks of its commands begin. */
  readonly marks: string;
  end(why: Error): void;
};

/** The host would not connect to a socket. `refused`: it does so for nobody; otherwise it tried, and could not. */
export class DialError extends Error {
  override readonly name = 'DialError';
  readonly refused: boolean;

  constructor(refused: boolean, options: ErrorOptions) {
    super(refused ? 'the host forwards no connections' : 'the host could not connect', options);
    this.refused = refused;
  }
}

/** A host that does not get this far in this time won't. */
const READY_LIMIT_MS = 20_000;

/** A dead line is noticed after three intervals at most: two questions without an answer. */
const KEEPALIVE_MS = 30_000;
const UNANSWERED = 2;

/**
 * sshd's `MaxSessions` is 10 unless set otherwise. One is the warden's; one is left for those that were closed on this side and have
 * not ended on the other. Forwarded connections, as Docker's, do not count.
 */
const SESSIONS = 8;

/** A place may be taken on the host a moment longer than here, as sshd counts a session until its process has ended. */
const REFUSED_WAIT_MS = 250;
const REFUSALS = 40;

/** RFC 4254, 5.1. */
const ADMINISTRATIVELY_PROHIBITED = 1;

/** Connects, once. Rejects with words, the signal's reason, or what `trust` rejected with. */
export const openLink = async (options: LinkOptions, signal: AbortSignal): Promise<Link> => {
  const client = await connect(options, signal);
  const gone = new AbortController();
  const end = (why: Error): void => {
    gone.abort(why);
    client.destroy();
  };
  client.on('error', end).once('close', () => end(new Error('the host closed it')));
  try {
    return await equip(client, options.target, { lost: gone.signal, end }, signal);
  } catch (error) {
    end(new Error('it could not be used'));
    throw error;
  }
};

const connect = async (
  { target, identity, trust, hostKeyTypes, keepaliveMs = KEEPALIVE_MS }: LinkOptions,
  signal: AbortSignal,
): Promise<Client> => {
  const serverHostKey = hostKeyAlgorithms(await hostKeyTypes?.());
  signal.throwIfAborted();
  const client = new Client();
  const ready = Promise.withResolvers<void>();
  let distrust: { readonly error: unknown } | null = null;
  const fail = (error: Error) => ready.reject(distrust === null ? connectError(error, target) : distrust.error);
  const abort = () => ready.reject(signal.reason);
  client
    .once('ready', ready.resolve)
    .on('error', fail)
    .once('close', () => fail(new Error('the host closed the connection')));
  signal.addEventListener('abort', abort, { once: true });
  const { username } = target;
  try {
    client.connect({
      ...target,
      readyTimeout: READY_LIMIT_MS,
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: UNANSWERED,
      authHandler: authMethods(username, identity),
      algorithms: { serverHostKey },
      hostVerifier: (blob: Buffer, verify: (trusted: boolean) => void) => {
        trust(parseHostKey(blob)).then(
          () => verify(true),
          error => {
            distrust = { error };
            verify(false);
          },
        );
      },
    });
    await ready.promise;
    client.setNoDelay(true);
    return client;
  } catch (error) {
    client.on('error', () => undefined).destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
};

const authMethods = (username: string, { privateKeys, agent }: LinkOptions['identity']): AnyAuthMethod[] => [
  ...privateKeys.map(key => ({ type: 'publickey', username, key }) as const),
  ...(agent === undefined ? [] : [{ type: 'agent', username, agent } as const]),
];

/** A running connection with its warden. */
const equip = async (
  client: Client,
  target: Target,
  { lost, end }: Pick<Link, 'lost' | 'end'>,
  signal: AbortSignal,
): Promise<Link> => {
  const marks = createMarks();
  const places = createSessionPlaces(SESSIONS);

  const channel = await untilAborted(exec(client, commandLine(wardenScript(marks), null)), AbortSignal.any([signal, lost]));
  const warden = commandOf(channel, lost, () => undefined);
  await untilReady(warden, target, signal);
  const endMarked = (mark: string): void => void warden.stdin.write(`${mark}\n`);

  const run: Link['run'] = async (script, runSignal) => {
    const giveBack = await places.take(AbortSignal.any([runSignal, lost]));
    const mark = marks.next();
    try {
      const channel = await execPatiently(client, commandLine(script, mark), AbortSignal.any([runSignal, lost]));
      let isGivenUp = false;
      const hangUp = () => {
        isGivenUp = true;
        endMarked(mark);
        channel.close();
      };
      const command = commandOf(channel, lost, hangUp);
      runSignal.addEventListener('abort', hangUp, { once: true });
      void command.ended.then(() => {
        runSignal.removeEventListener('abort', hangUp);
        giveBack();
      });
      if (runSignal.aborted) hangUp();
      // What the warden killed may still say so before its channel is closed.
      const ended = command.ended.then(end => (isGivenUp ? { ...end, code: null } : end));
      return { ...command, ended };
    } catch (error) {
      giveBack();
      throw error;
    }
  };

  return {
    lost,
    run,
    dial: async (address, lostError) => {
      const forwarded = forward(client, parseSocket(address)).catch(error => {
        // ssh2 knows that the socket is gone, and has not said so yet.
        if (!(error instanceof DialError)) end(error);
        throw error;
      });
      return streamOf(await forwarded, lost, lostError);
    },
    endMarked,
    marks: marks.prefix,
    end,
  };
};

const exec = (client: Client, line: string): Promise<ClientChannel> =>
  new Promise((resolve, reject) => {
    client.exec(line, (error, channel) => (error ? reject(error) : resolve(channel)));
  });

const execPatiently = async (client: Client, line: string, signal: AbortSignal): Promise<ClientChannel> => {
  for (let refusals = 0; ; refusals += 1) {
    try {
      return await exec(client, line);
    } catch (error) {
      signal.throwIfAborted();
      if (refusals === REFUSALS)
        throw new Error('sshd opens no further session: set MaxSessions to 10 or more in its sshd_config', { cause: error });
      await delay(REFUSED_WAIT_MS, undefined, { signal });
    }
  }
};

/** Waits for the warden's first line. What comes before it would come before every command's output. */
const untilReady = async (warden: RemoteCommand, target: Target, signal: AbortSignal): Promise<void> => {
  const address = addressOf(target);
  const limit = AbortSignal.timeout(READY_LIMIT_MS);
  try {
    const first = await untilAborted(firstLine(warden.stdout), AbortSignal.any([signal, limit]));
    if (first === WARDEN_READY) return;
    if (first !== null)
      throw new Error(
        `ssh ${address}: the login shell prints ${JSON.stringify(first.slice(0, 80))} before a command runs: make its startup files silent there`,
      );
    const { code, stderr } = await warden.ended;
    throw new Error(`ssh ${address}: no command can be run there (exit code ${code}): ${stderr.trim() || 'it says nothing'}`);
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) throw new Error(`ssh ${address}: the login shell did not start a command in ${READY_LIMIT_MS / 1_000} s`);
    throw error;
  }
};

/** The first line, without its end; `null`: there is none. The stream stays as it is. */
const firstLine = async (stream: AsyncIterable<Uint8Array>): Promise<string | null> => {
  const chunks = stream[Symbol.asyncIterator]();
  let text = '';
  while (!text.includes('\n')) {
    const { done, value } = await chunks.next();
    if (done === true) return text === '' ? null : text;
    text += Buffer.from(value).toString();
  }
  return text.slice(0, text.indexOf('\n'));
};

const forward = (client: Client, socket: DockerSocket): Promise<ClientChannel> =>
  new Promise((resolve, reject) => {
    const opened = (error: (Error & { readonly reason?: unknown }) | undefined, channel: ClientChannel) =>
      error ? reject(new DialError(error.reason === ADMINISTRATIVELY_PROHIBITED, { cause: error })) : resolve(channel);
    if ('path' in socket) client.openssh_forwardOutStreamLocal(socket.path, opened);
    else client.forwardOut('127.0.0.1', 0, socket.host, socket.port, opened);
  });

type DockerSocket = { readonly path: string } | { readonly host: string; readonly port: number };

/** Reads `unix:///path` or `tcp://host:port`. */
export const parseSocket = (address: string): DockerSocket => {
  const path = /^unix:\/\/(\/.+)$/.exec(address)?.[1];
  if (path !== undefined) return { path };
  const { protocol, hostname, port } = URL.parse(address) ?? {};
  if (protocol !== 'tcp:' || !hostname) throw new Error(`${address}: give Docker's address as unix:///path or tcp://host:port`);
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 2375) };
};

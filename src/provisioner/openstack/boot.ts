/**
 * From a node's name to a machine that Docker answers on, phase by phase, each with its time and its words for what went wrong. Leaves
 * what it made behind when it fails: `provisioner.ts` removes it.
 */

import type { Log } from '../../base/log.ts';
import { messageOf } from '../../base/message-of.ts';
import type { NodeId } from '../../domain/names.ts';
import { dockerAnswers } from '../docker-answers.ts';
import { type HostKey, HostKeyError } from '../ssh/host-key.ts';
import type { Blueprint } from './blueprint.ts';
import { type Clock, poll } from './clock.ts';
import { hostKeysIn, lastLines, type ShownKey } from './console-log.ts';
import type { Keypair } from './keypair.ts';
import type { Connection, ConnectTo } from './machine.ts';
import type { Address, Nova, Server } from './nova.ts';
import type { OpenstackOptions, Timings } from './options.ts';
import { describeServer, isGone } from './ownership.ts';
import type { Servers } from './servers.ts';

export type BootTools = {
  readonly nova: Nova;
  readonly servers: Servers;
  readonly keypair: Keypair;
  readonly blueprint: (signal: AbortSignal) => Promise<Blueprint>;
  readonly connectTo: ConnectTo;
  readonly options: OpenstackOptions;
  readonly timings: Timings;
  readonly clock: Clock;
  readonly log: Log;
};

/** What the caller hears of on the way. */
export type BootNews = {
  /** What takes time now, for people. */
  readonly activity: (text: string) => void;
  /** There may be a server from now on. */
  readonly making: () => void;
  /** There is one. */
  readonly server: (id: string) => void;
  /** There is a connection from now on, not open yet. */
  readonly connection: (connection: Connection) => void;
};

export type BootedMachine = { readonly serverId: string; readonly address: string; readonly hostKey: ShownKey };

/** Of the console, for host keys: cloud-init prints them last. */
const CONSOLE_LINES = 500;

/** Of the console, for the log, and for the message that `top` has room for. */
const LOGGED_LINES = 20;
const TOLD_LINES = 3;

/** Boots a server for a node, or goes on with the one that there is. */
export const boot = async (tools: BootTools, nodeId: NodeId, news: BootNews, signal: AbortSignal): Promise<BootedMachine> => {
  news.activity('waiting for a server');
  const blueprint = await tools.blueprint(signal);
  await tools.keypair.ensure(signal);
  news.making();
  const serverId = await tools.servers.ensure(nodeId, blueprint, signal);
  news.server(serverId);

  news.activity('booting');
  const { server, address } = await untilActive(tools, serverId, signal);

  news.activity('waiting for ssh');
  const keys = watchHostKeys(tools, server);
  const connection = tools.connectTo({
    address,
    privateKey: await tools.keypair.privateKey(),
    trust: key => keys.trust(key, signal),
  });
  news.connection(connection);
  await untilSsh(tools, connection, server, signal);

  news.activity('waiting for Docker');
  await untilDocker(tools, connection, server, signal);
  return { serverId, address, hostKey: await keys.confirmed(signal) };
};

const untilActive = async (
  { nova, options, timings, clock }: BootTools,
  serverId: string,
  signal: AbortSignal,
): Promise<{ readonly server: Server; readonly address: string }> => {
  let last: Server | null = null;
  const active = await poll(clock, { everyMs: timings.activeEveryMs, limitMs: timings.activeMs }, signal, async () => {
    const server = await nova.findServer(serverId, signal);
    if (server === null || isGone(server)) throw new Error(`server ${serverId} was deleted by someone while it booted`);
    if (server.status === 'ERROR')
      throw new Error(`${describeServer(server)} failed to boot: ${server.fault ?? 'Nova does not say why'}`);
    last = server;
    const address = addressOf(server, options);
    return server.status === 'ACTIVE' && address !== null ? { server, address } : null;
  });
  if (active !== null) return active;
  throw new Error(whyNotActive(last as unknown as Server, timings));
};

const whyNotActive = (server: Server, { activeMs }: Timings): string => {
  const limit = `in ${activeMs / 1_000} s`;
  if (server.status !== 'ACTIVE') {
    const state = server.taskState === null ? server.status : `${server.status}, ${server.taskState}`;
    return `${describeServer(server)} did not become active ${limit} (${state})`;
  }
  const has = server.addresses.map(({ network, address }) => `${address} (${network})`).join(', ') || 'no address at all';
  return `${describeServer(server)} got no IPv4 address ${limit}: it has ${has}; name a network with IPv4 in --openstack-networks`;
};

/** A floating address is there to be reached from outside. Otherwise the networks' order counts, as far as they are given by name. */
export const addressOf = ({ addresses }: Server, { networks }: OpenstackOptions): string | null => {
  const rank = ({ network, isFloating }: Address): number => {
    const place = networks.indexOf(network);
    return isFloating ? -1 : place === -1 ? networks.length : place;
  };
  const [best] = addresses.filter(({ version }) => version === 4).toSorted((a, b) => rank(a) - rank(b));
  return best?.address ?? null;
};

/** Gives up when there is neither an answer nor a sign of life: a console that says something new is a machine that boots on. */
const untilSsh = async (tools: BootTools, connection: Connection, server: Server, signal: AbortSignal): Promise<void> => {
  const { clock, timings } = tools;
  await clock.sleep(timings.sshGraceMs, signal);
  const endsAt = clock.now() + timings.sshMs;
  let shown = '';
  for (;;) {
    const patience = { everyMs: timings.sshEveryMs, limitMs: Math.min(timings.silenceMs, endsAt - clock.now()) };
    let failure: unknown = null;
    const opened = await poll(clock, patience, signal, async () => {
      failure = await failureOf(connection.open(signal), signal);
      return failure === null ? true : null;
    });
    if (opened !== null) return;
    const console = await consoleOf(tools, server, signal);
    if (console === shown || clock.now() >= endsAt) throw tellConsole(tools, server, 'ssh', failure, console);
    shown = console;
  }
};

const untilDocker = async (tools: BootTools, connection: Connection, server: Server, signal: AbortSignal): Promise<void> => {
  const { clock, timings } = tools;
  let failure: unknown = null;
  const answered = await poll(clock, { everyMs: timings.dockerEveryMs, limitMs: timings.dockerMs }, signal, async () => {
    failure = await failureOf(dockerAnswers(connection, signal), signal);
    return failure === null ? true : null;
  });
  if (answered === null) throw tellConsole(tools, server, 'Docker', failure, await consoleOf(tools, server, signal));
};

/** What an attempt failed with; `null` when it did not. A cancel is thrown. */
const failureOf = async (attempt: Promise<void>, signal: AbortSignal): Promise<unknown> => {
  try {
    await attempt;
    return null;
  } catch (error) {
    signal.throwIfAborted();
    return error;
  }
};

/** Some clouds have no consoles: then there is nothing to tell, and that must not hide why it is asked for. */
const consoleOf = async ({ nova, log }: BootTools, server: Server, signal: AbortSignal): Promise<string> => {
  try {
    return await nova.consoleLog(server.id, CONSOLE_LINES, signal);
  } catch (error) {
    signal.throwIfAborted();
    log.debug({ err: error, server: server.id }, 'the console of the server can not be read');
    return '';
  }
};

const tellConsole = ({ log }: BootTools, server: Server, what: string, failure: unknown, console: string): Error => {
  const lines = lastLines(console, LOGGED_LINES);
  log.warn({ server: server.id, console: lines }, `${what} does not answer on the server; this is the end of its console`);
  const end = lines.slice(-TOLD_LINES).join(' | ').slice(-300);
  const told = end === '' ? 'its console says nothing' : `its console ends with: ${end}`;
  return new Error(`${describeServer(server)} booted, but ${what} does not answer: ${messageOf(failure)}; ${told}`, {
    cause: failure,
  });
};

/**
 * By which key a new server is to be known. Where its console shows its host keys, only those are trusted; cloud-init prints them after
 * sshd is up, so the console is read once more before the server is used. Otherwise the first key seen is trusted, and said to be.
 */
const watchHostKeys = (tools: BootTools, server: Server) => {
  let seen: HostKey | null = null;

  /** Whether the console shows this key; `null`: none of this type. */
  const isShown = async (key: HostKey, signal: AbortSignal): Promise<boolean | null> => {
    const shown = hostKeysIn(await consoleOf(tools, server, signal)).filter(({ type }) => type === key.type);
    return shown.length === 0 ? null : shown.some(({ fingerprint }) => fingerprint === key.fingerprint);
  };

  const refuseUnlessShown = async (key: HostKey, signal: AbortSignal): Promise<boolean> => {
    const shown = await isShown(key, signal);
    if (shown === false) {
      throw new HostKeyError(
        `${describeServer(server)} shows the host key ${key.fingerprint}, and another one on its console: who answers is somebody else`,
      );
    }
    return shown === true;
  };

  return {
    trust: async (key: HostKey, signal: AbortSignal): Promise<void> => {
      if (seen?.fingerprint !== key.fingerprint) await refuseUnlessShown(key, signal);
      seen = key;
    },
    confirmed: async (signal: AbortSignal): Promise<ShownKey> => {
      const key = seen as HostKey | null;
      if (key === null) throw new Error(`${describeServer(server)} was reached without showing a host key`);
      const fields = { server: server.id, hostKey: key.fingerprint };
      if (await refuseUnlessShown(key, signal)) tools.log.info(fields, 'the host key is the one that the console shows');
      else tools.log.info(fields, 'trusting the host key on first use: the console shows none to compare with');
      return { type: key.type, fingerprint: key.fingerprint };
    },
  };
};

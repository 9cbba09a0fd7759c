/** What Alfred asks of Nova, OpenStack's compute service: a function a call, and Nova's words turned into ours. API 2.1, no microversion. */
import { z } from 'zod';
import { messageOf } from '../../base/message-of.ts';
import { parseAnswer } from './answer.ts';
import { hasStatus, OpenstackError } from './openstack-error.ts';
import type { AskService } from './session.ts';

const addressShape = z.object({
  addr: z.string(),
  version: z.number(),
  'OS-EXT-IPS:type': z.string().optional(),
});

const serverShape = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  'OS-EXT-STS:task_state': z.string().nullish(),
  created: z.string(),
  metadata: z.record(z.string(), z.string()),
  key_name: z.string().nullish(),
  addresses: z.record(z.string(), z.array(addressShape)),
  fault: z.object({ message: z.string() }).optional(),
});

export type Server = {
  readonly id: string;
  readonly name: string;
  /** `BUILD`, `ACTIVE`, `ERROR`, `SHUTOFF`, `DELETED`, …; clouds may have more. */
  readonly status: string;
  /** What Nova does with it just now: `spawning`, `deleting`; `null`: nothing. */
  readonly taskState: string | null;
  readonly metadata: Readonly<Record<string, string | undefined>>;
  readonly keyName: string | null;
  readonly addresses: readonly Address[];
  /** Why it is in `ERROR`. */
  readonly fault: string | null;
};

export type Address = {
  readonly network: string;
  readonly address: string;
  readonly version: number;
  /** Reached from outside of its network. */
  readonly isFloating: boolean;
};

export type ServerRequest = {
  readonly name: string;
  readonly flavorId: string;
  readonly imageId: string;
  /** Empty: Nova takes the project's only network. */
  readonly networkIds: readonly string[];
  /** Names or ids. Empty: the project's default one. */
  readonly securityGroups: readonly string[];
  readonly serverGroupId: string | null;
  readonly keyName: string;
  readonly metadata: Readonly<Record<string, string>>;
};

export type Nova = {
  listServers(signal: AbortSignal): Promise<readonly Server[]>;
  /** `null`: there is none any more. */
  findServer(id: string, signal: AbortSignal): Promise<Server | null>;
  /** Its id. Sent once: a failure of fate `unknown` may have made a server all the same. */
  createServer(request: ServerRequest, signal: AbortSignal): Promise<string>;
  /** Asks for it; the server is gone when it can't be found any more. One that is gone already is fine. */
  deleteServer(id: string, signal: AbortSignal): Promise<void>;
  /** The last lines of what its machine printed. */
  consoleLog(id: string, lines: number, signal: AbortSignal): Promise<string>;
  /** The public key of a keypair of ours; `null`: there is none of this name. */
  findKeypair(name: string, signal: AbortSignal): Promise<string | null>;
  /** Rejects with 409 when there is one of this name: it may be the one that an answer was lost of. */
  createKeypair(name: string, publicKey: string, signal: AbortSignal): Promise<void>;
  deleteKeypair(name: string, signal: AbortSignal): Promise<void>;
  listFlavors(signal: AbortSignal): Promise<readonly NamedThing[]>;
  listServerGroups(signal: AbortSignal): Promise<readonly NamedThing[]>;
};

/** Something of the cloud that people name. */
export type NamedThing = { readonly id: string; readonly name: string };

const namedThing = z.object({ id: z.string(), name: z.string() });
const linksShape = z.array(z.object({ rel: z.string(), href: z.string() })).default([]);
const keypairShape = z.object({ keypair: z.object({ public_key: z.string() }) });

export const createNova = (ask: AskService): Nova => {
  const get = (path: string, signal: AbortSignal): Promise<unknown> => ask({ method: 'GET', service: 'compute', path }, signal);
  const remove = (path: string, signal: AbortSignal): Promise<unknown> =>
    ask({ method: 'DELETE', service: 'compute', path }, signal);

  /** All pages of a list. Only the query of a link is used: behind a proxy its host may be one that we can't reach. */
  const listAll = async <Item extends z.ZodType>(
    path: string,
    key: string,
    item: Item,
    signal: AbortSignal,
  ): Promise<readonly z.infer<Item>[]> => {
    const found: z.infer<Item>[] = [];
    const links = `${key}_links`;
    const shape = z.object({ [key]: z.array(item), [links]: linksShape });
    for (let query: string | null = ''; query !== null; ) {
      const page = parseAnswer(shape, await get(`${path}${query}`, signal), `a list of ${key}`) as Record<string, unknown>;
      found.push(...(page[key] as z.infer<Item>[]));
      const next = (page[links] as z.infer<typeof linksShape>).find(({ rel }) => rel === 'next');
      query = next === undefined ? null : new URL(next.href, 'http://nova').search;
    }
    return found;
  };

  return {
    listServers: async signal => (await listAll('/servers/detail', 'servers', serverShape, signal)).map(toServer),
    findServer: async (id, signal) => {
      const body = await orNullWhenGone(get(`/servers/${id}`, signal));
      return body === null ? null : toServer(parseAnswer(z.object({ server: serverShape }), body, 'a server').server);
    },
    createServer: async (request, signal) => {
      const body = await ask({ method: 'POST', service: 'compute', path: '/servers', body: toBody(request) }, signal);
      return parseAnswer(z.object({ server: z.object({ id: z.string() }) }), body, 'a new server').server.id;
    },
    deleteServer: async (id, signal) => void (await orNullWhenGone(remove(`/servers/${id}`, signal))),
    consoleLog: async (id, lines, signal) => {
      const body = { 'os-getConsoleOutput': { length: lines } };
      const path = `/servers/${id}/action`;
      const answer = await ask({ method: 'POST', service: 'compute', path, body, repeatable: true }, signal);
      return parseAnswer(z.object({ output: z.string().nullable() }), answer, 'a console log').output ?? '';
    },
    findKeypair: async (name, signal) => {
      const body = await orNullWhenGone(get(`/os-keypairs/${name}`, signal));
      return body === null ? null : parseAnswer(keypairShape, body, 'a keypair').keypair.public_key;
    },
    createKeypair: async (name, publicKey, signal) => {
      const body = { keypair: { name, public_key: publicKey } };
      await ask({ method: 'POST', service: 'compute', path: '/os-keypairs', body, repeatable: true }, signal);
    },
    deleteKeypair: async (name, signal) => void (await orNullWhenGone(remove(`/os-keypairs/${name}`, signal))),
    listFlavors: signal => listAll('/flavors', 'flavors', namedThing, signal),
    listServerGroups: signal => listAll('/os-server-groups', 'server_groups', namedThing, signal),
  };
};

/**
 * Nova's "no such thing" is `null`. Only Nova's: a 404 of a proxy, while Nova is moved or updated, says nothing of our servers, and a
 * server that is thought to be gone takes its tasks with it.
 */
const orNullWhenGone = async (answer: Promise<unknown>): Promise<unknown> => {
  try {
    return await answer;
  } catch (error) {
    if (hasStatus(error, 404) && error.requestId !== null && /could not be found|not found/i.test(error.words)) return null;
    throw error;
  }
};

const toServer = (server: z.infer<typeof serverShape>): Server => ({
  id: server.id,
  name: server.name,
  status: server.status,
  taskState: server['OS-EXT-STS:task_state'] ?? null,
  metadata: server.metadata,
  keyName: server.key_name ?? null,
  addresses: Object.entries(server.addresses).flatMap(([network, addresses]) =>
    addresses.map(({ addr, version, 'OS-EXT-IPS:type': type }) => ({
      network,
      address: addr,
      version,
      isFloating: type === 'floating',
    })),
  ),
  fault: server.fault?.message ?? null,
});

const toBody = (request: ServerRequest): object => ({
  server: {
    name: request.name,
    flavorRef: request.flavorId,
    imageRef: request.imageId,
    key_name: request.keyName,
    metadata: request.metadata,
    ...(request.networkIds.length > 0 && { networks: request.networkIds.map(uuid => ({ uuid })) }),
    ...(request.securityGroups.length > 0 && { security_groups: request.securityGroups.map(name => ({ name })) }),
  },
  ...(request.serverGroupId !== null && { 'os:scheduler_hints': { group: request.serverGroupId } }),
});

const QUOTA = /Quota exceeded for ([\w, ]+): Requested ([\d, ]+), but already used ([\d, ]+) of ([\d, ]+) /i;

/** Nova's words, with those that people meet most made shorter: `quota exceeded: instances 1 of 1, cores 18 of 20 (4 more wanted)`. */
export const shortWords = (error: unknown): string => {
  const found = error instanceof OpenstackError ? QUOTA.exec(error.words) : null;
  if (found === null) return messageOf(error);
  const [names = [], wanted = [], used = [], limits = []] = found.slice(1).map(list => list.split(', '));
  const each = names.map((name, at) => {
    const isFull = used[at] === limits[at];
    return `${name} ${used[at]} of ${limits[at]}${isFull ? '' : ` (${wanted[at]} more wanted)`}`;
  });
  return `quota exceeded: ${each.join(', ')}`;
};

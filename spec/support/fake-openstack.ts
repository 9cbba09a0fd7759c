/**
 * A small cloud behind real HTTP, for what a real one can't be made to do on demand: answers that get lost, tokens that expire, APIs
 * that are away. Its answers are those of a real one (Nova 26, Keystone 22), as far as Alfred reads them.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export type FakeServer = {
  readonly id: string;
  readonly name: string;
  readonly metadata: Record<string, string>;
  readonly key_name: string;
  readonly created: string;
  readonly request: Readonly<Record<string, unknown>>;
  status: string;
  taskState: string | null;
  addresses: Record<string, readonly object[]>;
  fault?: { code: number; message: string };
  console: string;
  /** How many more looks at it until it is what it is becoming. */
  looksLeft: number;
};

/** As Alfred asks for it. */
type NewServer = {
  readonly name: string;
  readonly metadata: Record<string, string>;
  readonly key_name: string;
  readonly imageRef: string;
  readonly security_groups?: readonly { readonly name: string }[];
};

type Answer = { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };
/** In place of an answer: the connection breaks, or this is the body as it stands. */
type Fault = (answer: () => Answer) => Outcome | Promise<Outcome>;
type Outcome = Answer | 'cut' | { readonly raw: string };

export type FakeOpenstack = AsyncDisposable & {
  /** For a user of this cloud. */
  readonly env: Readonly<Record<string, string>>;
  readonly servers: Map<string, FakeServer>;
  readonly keypairs: Map<string, string>;
  /** Method and path of every request. */
  readonly asked: readonly string[];
  /** The bodies of the requests for tokens. */
  readonly logins: readonly unknown[];
  /** Answers the next requests that begin so (`POST /v2.1/servers`) otherwise, one fault each. */
  fail(start: string, ...faults: readonly Fault[]): void;
  /** What becomes of new servers, in place of `ACTIVE` with an IPv4 address after two looks. */
  onCreate: (server: FakeServer) => void;
  instanceQuota: number;
  pageSize: number;
  /** No token that was given out is good any more. */
  revokeTokens(): void;
  /** Connections are refused. */
  goDown(): Promise<void>;
  comeUp(): Promise<void>;
};

const ID = { flavor: '2', network: randomUUID(), image: randomUUID(), group: randomUUID() } as const;
const TOKEN_LIFE_MS = 3_600_000;
const PASSWORD = 'secret';

const refuse = (status: number, key: string, message: string): Answer => ({ status, body: { [key]: { code: status, message } } });
const notFound = (message: string): Answer => refuse(404, 'itemNotFound', message);

export const fakeOpenstack = async ({ now }: { readonly now: () => number }): Promise<FakeOpenstack> => {
  const servers = new Map<string, FakeServer>();
  const keypairs = new Map<string, string>();
  const tokens = new Set<string>();
  const asked: string[] = [];
  const logins: unknown[] = [];
  const faults: { readonly start: string; readonly fault: Fault }[] = [];
  const http = createServer((request, response) => void serve(request, response));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;

  const login = (body: unknown): Answer => {
    logins.push(body);
    if (JSON.stringify(body).includes('wrong'))
      return {
        status: 401,
        body: { error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' } },
      };
    const token = randomUUID();
    tokens.add(token);
    const endpoints = (url: string) => [
      { id: randomUUID(), interface: 'internal', region_id: 'RegionOne', region: 'RegionOne', url: 'http://internal.invalid' },
      { id: randomUUID(), interface: 'public', region_id: 'RegionOne', region: 'RegionOne', url },
    ];
    const catalog = [
      { type: 'compute', endpoints: endpoints(`${base}/v2.1`) },
      { type: 'image', endpoints: endpoints(`${base}/image`) },
      { type: 'network', endpoints: endpoints(`${base}/network`) },
    ];
    const expires_at = new Date(now() + TOKEN_LIFE_MS).toISOString();
    return { status: 201, headers: { 'x-subject-token': token }, body: { token: { expires_at, catalog } } };
  };

  const show = (server: FakeServer): object => ({
    id: server.id,
    name: server.name,
    status: server.status,
    'OS-EXT-STS:task_state': server.taskState,
    metadata: server.metadata,
    key_name: server.key_name,
    created: server.created,
    addresses: server.addresses,
    ...(server.fault !== undefined && { fault: server.fault }),
  });

  const create = (body: unknown): Answer => {
    const { server } = body as { readonly server: NewServer };
    if (servers.size >= fake.instanceQuota) {
      const [used, limit] = [servers.size, fake.instanceQuota];
      const words = `Quota exceeded for instances: Requested 1, but already used ${used} of ${limit} instances`;
      return refuse(403, 'forbidden', words);
    }
    const unknown = server.security_groups?.find(({ name }) => name !== 'default');
    if (unknown !== undefined) {
      return refuse(400, 'badRequest', `Unable to find security_group with name or id '${unknown.name}'`);
    }
    if (server.imageRef !== ID.image) return refuse(400, 'badRequest', 'Can not find requested image');
    if (!keypairs.has(server.key_name)) return refuse(400, 'badRequest', 'Invalid key_name provided.');
    const made: FakeServer = {
      id: randomUUID(),
      name: server.name,
      metadata: server.metadata,
      key_name: server.key_name,
      created: new Date(now()).toISOString(),
      request: body as Record<string, unknown>,
      status: 'BUILD',
      taskState: 'spawning',
      addresses: {},
      console: '',
      looksLeft: 2,
    };
    servers.set(made.id, made);
    return { status: 202, body: { server: { id: made.id, links: [] } } };
  };

  const find = (id: string): Answer => {
    const server = servers.get(id);
    if (server === undefined) return notFound(`Instance ${id} could not be found.`);
    server.looksLeft -= 1;
    if (server.looksLeft === 0 && server.taskState === 'deleting') {
      servers.delete(id);
      return notFound(`Instance ${id} could not be found.`);
    }
    if (server.looksLeft === 0 && server.status === 'BUILD') fake.onCreate(server);
    return { status: 200, body: { server: show(server) } };
  };

  const remove = (id: string): Answer => {
    const server = servers.get(id);
    if (server === undefined) return notFound(`Instance ${id} could not be found.`);
    server.taskState = 'deleting';
    server.looksLeft = 2;
    return { status: 204 };
  };

  const list = (url: URL): Answer => {
    const all = [...servers.values()];
    const from = all.findIndex(({ id }) => id === url.searchParams.get('marker')) + 1;
    const page = all.slice(from, from + fake.pageSize);
    const hasMore = from + page.length < all.length;
    const href = `http://elsewhere.invalid/v2.1/servers/detail?marker=${page.at(-1)?.id}`;
    return { status: 200, body: { servers: page.map(show), ...(hasMore && { servers_links: [{ rel: 'next', href }] }) } };
  };

  const keypairAnswer = (name: string): Answer => {
    const public_key = keypairs.get(name);
    if (public_key === undefined) return notFound(`Keypair ${name} not found for user 5018c25d52d34e30906b7dcd358f08b1`);
    return { status: 200, body: { keypair: { name, public_key } } };
  };

  const makeKeypair = (body: unknown): Answer => {
    const { keypair } = body as { readonly keypair: { name: string; public_key: string } };
    if (keypairs.has(keypair.name)) return refuse(409, 'conflictingRequest', `Key pair '${keypair.name}' already exists.`);
    keypairs.set(keypair.name, keypair.public_key);
    return { status: 200, body: { keypair } };
  };

  const images = ({ searchParams }: URL): Answer => {
    const all = [{ id: ID.image, name: 'debian-12-docker', status: 'active' }];
    const [name, id] = [searchParams.get('name'), searchParams.get('id')];
    const found = all.filter(image => (name === null || image.name === name) && (id === null || image.id === id));
    return { status: 200, body: { images: found } };
  };

  const answer = (method: string, url: URL, body: unknown): Answer => {
    const last = url.pathname.split('/').at(-1) ?? '';
    const line = `${method} ${url.pathname}`;
    if (line === 'POST /v3/auth/tokens') return login(body);
    if (line === 'GET /v2.1/flavors')
      return {
        status: 200,
        body: {
          flavors: [
            { id: '1', name: 'small' },
            { id: ID.flavor, name: 'medium' },
          ],
        },
      };
    if (line === 'GET /v2.1/os-server-groups') return { status: 200, body: { server_groups: [{ id: ID.group, name: 'apart' }] } };
    if (line === 'GET /image/v2/images') return images(url);
    if (line === 'GET /network/v2.0/networks') return { status: 200, body: { networks: [{ id: ID.network, name: 'private' }] } };
    if (line === 'GET /v2.1/servers/detail') return list(url);
    if (line === 'POST /v2.1/servers') return create(body);
    if (line === 'POST /v2.1/os-keypairs') return makeKeypair(body);
    if (line.startsWith('GET /v2.1/os-keypairs/')) return keypairAnswer(last);
    if (line.startsWith('DELETE /v2.1/os-keypairs/')) {
      const known = keypairAnswer(last);
      return keypairs.delete(last) ? { status: 202 } : known;
    }
    if (line.startsWith('GET /v2.1/servers/')) return find(last);
    if (line.startsWith('DELETE /v2.1/servers/')) return remove(last);
    if (last === 'action')
      return { status: 200, body: { output: servers.get(url.pathname.split('/').at(-2) ?? '')?.console ?? '' } };
    return notFound(`no answer for ${line}`);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', base);
    const line = `${request.method} ${url.pathname}`;
    asked.push(line);
    const body = Number(request.headers['content-length'] ?? 0) > 0 ? await json(request) : null;
    const isLogin = line === 'POST /v3/auth/tokens';
    const usual = () =>
      isLogin || tokens.has(String(request.headers['x-auth-token']))
        ? answer(request.method ?? '', url, body)
        : {
            status: 401,
            body: { error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' } },
          };
    const at = faults.findIndex(({ start }) => line.startsWith(start));
    const [planned] = at === -1 ? [] : faults.splice(at, 1);
    const given = planned === undefined ? usual() : await planned.fault(usual);
    if (given === 'cut') response.destroy();
    else if ('raw' in given) response.writeHead(200).end(given.raw);
    else {
      const headers = { 'content-type': 'application/json', 'x-openstack-request-id': `req-${randomUUID()}`, ...given.headers };
      response.writeHead(given.status, { ...headers, connection: 'close' }).end(given.body && JSON.stringify(given.body));
    }
  };

  const goDown = async (): Promise<void> => {
    http.closeAllConnections();
    if (http.listening) await new Promise(resolve => http.close(resolve));
  };

  const fake: FakeOpenstack = {
    env: {
      OS_AUTH_URL: `${base}/v3`,
      OS_USERNAME: 'alfred',
      OS_PASSWORD: PASSWORD,
      OS_PROJECT_NAME: 'alfred',
      OS_USER_DOMAIN_NAME: 'Default',
      OS_PROJECT_DOMAIN_NAME: 'Default',
      OS_REGION_NAME: 'RegionOne',
    },
    servers,
    keypairs,
    asked,
    logins,
    fail: (start, ...planned) => faults.push(...planned.map(fault => ({ start, fault }))),
    onCreate: becomeActive,
    instanceQuota: 10,
    pageSize: 100,
    revokeTokens: () => tokens.clear(),
    goDown,
    comeUp: async () => {
      http.listen(port, '127.0.0.1');
      await once(http, 'listening');
    },
    [Symbol.asyncDispose]: goDown,
  };
  return fake;
};

let hosts = 10;

/** What becomes of a server when nothing goes wrong. */
export const becomeActive = (server: FakeServer): void => {
  hosts += 1;
  server.status = 'ACTIVE';
  server.taskState = null;
  server.addresses = { private: [{ version: 4, addr: `10.77.0.${hosts}`, 'OS-EXT-IPS:type': 'fixed' }] };
};

/** What becomes of a server that Nova can't make. */
export const becomeError =
  (message: string) =>
  (server: FakeServer): void => {
    server.status = 'ERROR';
    server.taskState = null;
    server.fault = { code: 500, message };
  };

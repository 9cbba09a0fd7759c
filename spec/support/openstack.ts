/** The OpenStack of `hack/openstack`, as its administrator sees it: tenants of a spec's own, and what becomes of the cloud. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect } from 'vitest';
import { until } from './until.ts';

const LAB_SCRIPT = join(import.meta.dirname, '../../hack/openstack/lab.sh');

/** This machine, as the lab's guests know it. */
export const MACHINE = '10.77.0.1';

/** For `alfred-server`: machines that boot, of two slots each, with the workspace in the user's home. */
export const FLAGS = [
  ...['--provisioner', 'openstack', '--slots-per-node', '2'],
  ...['--openstack-image', 'debian-12-docker', '--openstack-flavor', 'medium', '--openstack-networks', 'private'],
  ...['--openstack-ssh-username', 'debian', '--node-workspace', 'workspace'],
];

export type CloudServer = {
  readonly id: string;
  readonly name: string;
  readonly status: string;
};

/** A project and its only user, which no other spec knows: what is in it is Alfred's. */
export type Tenant = AsyncDisposable & {
  /** OS_* of its user, for a server's environment. */
  readonly env: Readonly<Record<string, string>>;
  servers(): Promise<readonly CloudServer[]>;
  /** The names of all servers that there ever were, deleted ones included. */
  everMade(): Promise<readonly string[]>;
  /** What is there that costs money, or would be in the way: `server alfred-node-1`, `keypair alfred-…`. */
  left(): Promise<readonly string[]>;
  /** Takes its tokens away, from the services' caches, too. Its password stays. */
  revokeTokens(): Promise<void>;
};

/** Ends with the check that nothing is left: `await using tenant = await openTenant()`. `servers`: its quota. */
export const openTenant = async ({ servers: quota = 10 }: { readonly servers?: number } = {}): Promise<Tenant> => {
  const cloud = await openCloud();
  const name = `spec-${randomBytes(4).toString('hex')}`;
  const password = randomBytes(8).toString('hex');
  const project = (await cloud.post('identity', '/projects', { project: { name } })).project.id;
  const user = (await cloud.post('identity', '/users', { user: { name, password } })).user.id;
  for (const role of ['member', 'reader']) {
    const [{ id }] = (await cloud.get('identity', `/roles?name=${role}`)).roles;
    await cloud.put('identity', `/projects/${project}/users/${user}/roles/${id}`);
  }
  // Cores and memory are not the subject: with a quota for them, Nova would not even look for a host.
  await cloud.put('compute', `/os-quota-sets/${project}`, { quota_set: { instances: quota, cores: -1, ram: -1 } });

  const servers = async (): Promise<readonly CloudServer[]> =>
    (await cloud.get('compute', `/servers/detail?all_tenants=1&project_id=${project}`)).servers;

  const everMade = async (): Promise<readonly string[]> => {
    const deleted = (await cloud.get('compute', `/servers/detail?all_tenants=1&deleted=1&project_id=${project}`)).servers;
    return [...deleted, ...(await servers())].map(({ name }: CloudServer) => name);
  };

  const left = async (): Promise<readonly string[]> => {
    const { keypairs } = await cloud.get('compute', `/os-keypairs?user_id=${user}`);
    return [
      ...(await servers()).map(server => `server ${server.name} ${server.status}`),
      ...keypairs.map(({ keypair }: { readonly keypair: { readonly name: string } }) => `keypair ${keypair.name}`),
    ];
  };

  const remove = async (): Promise<void> => {
    for (const { id } of await servers()) await cloud.delete('compute', `/servers/${id}`);
    await until(async () => (await servers()).length === 0);
    await cloud.delete('identity', `/users/${user}`);
    await cloud.delete('identity', `/projects/${project}`);
  };

  return {
    env: { ...cloud.env, OS_USERNAME: name, OS_PASSWORD: password, OS_PROJECT_NAME: name },
    servers,
    everMade,
    left,
    revokeTokens: async () => {
      await cloud.patch('identity', `/users/${user}`, { user: { password } });
      await forgetTokens();
    },
    [Symbol.asyncDispose]: async () => {
      const found = await left();
      await remove();
      expect(found).toEqual([]);
    },
  };
};

type Service = 'identity' | 'compute';

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, each read once, in a spec
type Answer = any;

type Cloud = {
  /** OS_* of the administrator. */
  readonly env: Readonly<Record<string, string>>;
  get(service: Service, path: string): Promise<Answer>;
  post(service: Service, path: string, body: object): Promise<Answer>;
  put(service: Service, path: string, body?: object): Promise<Answer>;
  patch(service: Service, path: string, body: object): Promise<Answer>;
  delete(service: Service, path: string): Promise<Answer>;
};

/** Not with Alfred's own client: what is wrong in it must not go unseen here. */
const openCloud = async (): Promise<Cloud> => {
  const env = await adminVariables();
  const { OS_AUTH_URL: keystone } = env;
  const answer = await fetch(`${keystone}/auth/tokens`, {
    method: 'POST',
    body: JSON.stringify(passwordOf(env)),
    headers: JSON_BODY,
  });
  const { token } = (await answer.json()) as Answer;
  const nova = token.catalog
    .find((service: Answer) => service.type === 'compute')
    .endpoints.find((endpoint: Answer) => endpoint.interface === 'public').url;
  const headers = { ...JSON_BODY, 'x-auth-token': answer.headers.get('x-subject-token') ?? '' };
  const urls: Readonly<Record<Service, string>> = { identity: `${keystone}`, compute: nova };

  const ask = async (method: string, service: Service, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${urls[service]}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const said = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${said}`);
    return said === '' ? null : JSON.parse(said);
  };
  return {
    env,
    get: (service, path) => ask('GET', service, path),
    post: (service, path, body) => ask('POST', service, path, body),
    put: (service, path, body) => ask('PUT', service, path, body),
    patch: (service, path, body) => ask('PATCH', service, path, body),
    delete: (service, path) => ask('DELETE', service, path),
  };
};

const JSON_BODY = { 'content-type': 'application/json' };

const adminVariables = async (): Promise<Readonly<Record<string, string>>> => {
  const { stdout } = await execa(LAB_SCRIPT, ['openrc', 'admin']);
  return Object.fromEntries(Array.from(stdout.matchAll(/^export (\w+)=(.*)$/gm), ([, name = '', value = '']) => [name, value]));
};

const passwordOf = (env: Readonly<Record<string, string>>): object => {
  const domain = { name: env.OS_USER_DOMAIN_NAME };
  const user = { name: env.OS_USERNAME, domain, password: env.OS_PASSWORD };
  const project = { name: env.OS_PROJECT_NAME, domain };
  return { auth: { identity: { methods: ['password'], password: { user } }, scope: { project } } };
};

/** Services believe what memcached knows of a token for five minutes. */
const forgetTokens = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const memcached = connect(11_211, '127.0.0.1', () => memcached.write('flush_all\r\n'));
    memcached.on('data', () => memcached.end()).on('close', () => resolve());
    memcached.on('error', reject);
  });

/** Stops Nova's API in its tracks: connections are taken, and nobody answers. It goes on at the end of the scope. */
export const freezeNova = async (): Promise<Disposable> => {
  const [pid] = (await readFile(join(process.env.ALFRED_OPENSTACK_LAB ?? '', 'run/nova-api.pid'), 'utf8')).split(' ');
  // All of its processes: the number of a process group.
  process.kill(-Number(pid), 'SIGSTOP');
  return { [Symbol.dispose]: () => void process.kill(-Number(pid), 'SIGCONT') };
};

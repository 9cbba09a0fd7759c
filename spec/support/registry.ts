/** A registry of this machine (Debian's `docker-registry`), for real pulls and real refusals. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { theEngine } from './engine.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { until } from './until.ts';

export type Registry = AsyncDisposable & {
  /** `127.0.0.1:<port>`: engines take plain HTTP from there. */
  readonly address: string;
  /** Puts an image of the engine into the registry, and takes it off the engine; returns the reference to pull it by, from `host`. */
  push(image: string, name: string): Promise<string>;
  /** Takes what was pulled off the engine again. */
  forget(reference: string): Promise<void>;
};

export const CREDENTIALS = { username: 'ada', password: 'secret' } as const;

/** What `htpasswd -B` makes of {@link CREDENTIALS}. */
const HTPASSWD = 'ada:$2b$05$dmcZg8O2paHa95nMvRV5JOPGJJgNyi6qnaqbIaQKvhjaqsliP0fPW\n';

const LOOPBACK = '127.0.0.1';

/** `private`: only {@link CREDENTIALS} may push and pull. `host`: this machine's address, as those who pull know it. */
export const startRegistry = async (access: 'public' | 'private' = 'public', host = LOOPBACK): Promise<Registry> => {
  const folder = await temporaryFolder();
  const port = await freePort();
  const address = `${LOOPBACK}:${port}`;
  const config = join(folder.path, 'config.yml');
  await writeFile(config, configuration(folder.path, host === LOOPBACK ? address : `:${port}`, access));
  await writeFile(join(folder.path, 'htpasswd'), HTPASSWD);
  const registry = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  await once(registry, 'spawn');
  await until(async () => (await fetch(`http://${address}/v2/`).catch(() => null)) !== null);

  const { docker } = theEngine();
  const forget = async (reference: string): Promise<void> => {
    await docker.getImage(reference).remove();
  };
  return {
    address,
    push: async (image, name) => {
      const repo = `${address}/${name}`;
      await docker.getImage(image).tag({ repo, tag: '1' });
      const answer = await docker
        .getImage(`${repo}:1`)
        .push({ tag: '1', authconfig: { ...CREDENTIALS, serveraddress: address } });
      const said = await text(answer);
      if (said.includes('"error"')) throw new Error(`push ${repo}: ${said}`);
      await forget(`${repo}:1`);
      return `${host}:${port}/${name}:1`;
    },
    forget,
    [Symbol.asyncDispose]: async () => {
      registry.kill();
      await once(registry, 'exit');
      await folder[Symbol.asyncDispose]();
    },
  };
};

const configuration = (folder: string, address: string, access: 'public' | 'private'): string =>
  JSON.stringify({
    version: '0.1',
    log: { accesslog: { disabled: true }, level: 'error' },
    storage: { filesystem: { rootdirectory: folder }, cache: { blobdescriptor: 'inmemory' } },
    http: { addr: address },
    ...(access === 'private' && { auth: { htpasswd: { realm: 'specs', path: join(folder, 'htpasswd') } } }),
  });

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
};

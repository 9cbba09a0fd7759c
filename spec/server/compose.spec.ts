import { createServer } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '../../src/base/log.ts';
import { startServer } from '../../src/server/compose.ts';
import { resolveOptions } from '../../src/server/options.ts';
import { lockFolder } from '../../src/store/lock.ts';
import { fakeEngine } from '../docker/fake-engine.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A port that somebody listens on. */
const takenPort = async () => {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return { port: address.port, [Symbol.dispose]: () => void server.close() };
};

describe('a server that can not start', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('says so in one line, and leaves its folder to the next one', async () => {
    await using engine = await fakeEngine({});
    await using folder = await temporaryFolder();
    using taken = await takenPort();
    vi.stubEnv('DOCKER_HOST', engine.engine.address);
    const options = resolveOptions(
      ['--listen', `127.0.0.1:${taken.port}`, '--server-data', folder.path, '--node-workspace', `${folder.path}/workspace`],
      {},
    );
    await expect(startServer(options, silent, () => {})).rejects.toThrow(/^[^\n]*the port is in use[^\n]*$/);
    expect(() => lockFolder(folder.path)[Symbol.dispose]()).not.toThrow();
  });
});

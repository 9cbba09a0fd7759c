/** The engine of another machine, over a real sshd with its limits as they come; the engine itself is one of a few answers. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask } from '../../src/docker/calls.ts';
import { findCause } from '../../src/docker/errors.ts';
import { connectRemoteEngine } from '../../src/docker/remote-engine.ts';
import { chunksOf, openStream } from '../../src/docker/stream.ts';
import { NodeGoneError, UnreachableError } from '../../src/engine/ports.ts';
import { type SshNode, startSshNode } from '../support/ssh-node.ts';
import { sshdIsInstalled } from '../support/sshd.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { type Answers, type FakeEngine, fakeEngine, send } from './fake-engine.ts';

const never = new AbortController().signal;

/** A node with such an engine. */
const open = async (answers: Answers, extra: readonly string[] = []) => {
  const stack = new AsyncDisposableStack();
  const fake: FakeEngine = stack.use(await fakeEngine(answers));
  const node: SshNode = stack.use(await startSshNode(extra, { dockerSocket: fake.engine.address }));
  const engine = await connectRemoteEngine(node.host, never);
  return { fake, node, engine, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

const noContainers: Answers = { 'GET /containers/json': answer => send(answer, 200, []) };

describe.skipIf(!sshdIsInstalled())('the engine of a node', () => {
  it('answers fifty calls at a time beside thirty streams, over one connection', async () => {
    const streams: ServerResponse[] = [];
    await using remote = await open({
      ...noContainers,
      'GET /containers/x/logs': answer => {
        answer.writeHead(200);
        answer.write('begun');
        streams.push(answer);
      },
    });
    const request = { method: 'GET', path: '/containers/x/logs', query: { follow: '1' } } as const;
    const logs = Array.from({ length: 30 }, async () => {
      const answer = await openStream(remote.engine, 'read log', request, never);
      return Buffer.concat(await Array.fromAsync(chunksOf('read log', answer))).toString();
    });
    await until(async () => streams.length === 30);
    const lists = await Promise.all(
      Array.from({ length: 50 }, () => ask('list', () => remote.engine.docker.listContainers({ all: true }))),
    );
    expect(lists).toEqual(Array(50).fill([]));
    for (const stream of streams) stream.end(', ended');
    expect(await Promise.all(logs)).toEqual(Array(30).fill('begun, ended'));
  });

  it('is waited for while its node can not be reached, and asked once', async () => {
    await using remote = await open(noContainers);
    await remote.node.sshd.stop();
    await until(async () => (await remote.node.host.dialDocker().catch(() => null)) === null);
    const list = ask('list', () => remote.engine.docker.listContainers({ all: true }));
    await remote.node.sshd.start();
    expect(await list).toEqual([]);
    expect(remote.fake.asked).toEqual(['GET /containers/json']);
  });

  it('is waited for no longer than somebody wants its answer', async () => {
    await using remote = await open(noContainers);
    await remote.node.sshd.stop();
    await until(async () => (await remote.node.host.dialDocker().catch(() => null)) === null);
    const cancelled = new AbortController();
    const list = ask('list', () => remote.engine.docker.listContainers({ all: true }), cancelled.signal);
    cancelled.abort(new Error('cancelled'));
    await expect(list).rejects.toThrow('cancelled');
  });

  it('is waited for until its node is known to be gone: then that is what is said', async () => {
    await using remote = await open(noContainers);
    await remote.node.sshd.stop();
    await until(async () => (await remote.node.host.dialDocker().catch(() => null)) === null);
    const list = ask('list', () => remote.engine.docker.listContainers({ all: true }));
    remote.node.host.giveUp('the VM was deleted');
    await expect(list).rejects.toEqual(new NodeGoneError('the VM was deleted'));
  });

  it('breaks an answer off with an error that knows when to ask again', async () => {
    const begun = Promise.withResolvers<void>();
    await using remote = await open({
      'POST /containers/x/wait': answer => {
        answer.writeHead(200);
        answer.flushHeaders();
        begun.resolve();
      },
    });
    const request = { method: 'POST', path: '/containers/x/wait', query: {} } as const;
    const answer = await openStream(remote.engine, 'wait', request, never);
    const read = Array.fromAsync(chunksOf('wait', answer));
    await begun.promise;
    await remote.node.sshd.dropSessions();
    const error = await read.catch((reason: unknown) => reason);
    await findCause(error, UnreachableError)?.reachable();
    expect(error).toMatchObject({ transient: true, status: null });
    expect(findCause(error, UnreachableError)).not.toBeNull();
  });

  it("pulls with the credentials of the node's own user, from its file or from its helpers", async () => {
    await using home = await temporaryFolder();
    await mkdir(join(home.path, '.docker'));
    const auth = Buffer.from('ci:secret').toString('base64');
    const config = { auths: { 'registry.example': { auth } }, credHelpers: { 'cloud.example': 'spec', 'none.example': 'spec' } };
    await writeFile(join(home.path, '.docker', 'config.json'), JSON.stringify(config));
    const helper = join(home.path, 'docker-credential-spec');
    await writeFile(
      helper,
      `#!/bin/sh\nread -r name\n[ "$name" = cloud.example ] || { echo credentials not found in native keychain; exit 1; }\necho '{"Username":"<token>","Secret":"it"}'\n`,
    );
    await chmod(helper, 0o755);
    await using remote = await open(noContainers, [`SetEnv HOME=${home.path} PATH=${home.path}:/usr/bin:/bin`]);
    expect(await remote.engine.credentialsFor('registry.example/app')).toEqual({
      username: 'ci',
      password: 'secret',
      serveraddress: 'registry.example',
    });
    expect(await remote.engine.credentialsFor('cloud.example/app')).toEqual({
      identitytoken: 'it',
      serveraddress: 'cloud.example',
    });
    expect(await remote.engine.credentialsFor('none.example/app')).toBeNull();
    expect(await remote.engine.credentialsFor('redis')).toBeNull();
  });
});

import { randomBytes } from 'node:crypto';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskFullName } from '../../src/domain/names.ts';
import { UnreachableError } from '../../src/engine/ports.ts';
import { createLocalWorkspace } from '../../src/workspace/local.ts';
import { createRemoteWorkspace } from '../../src/workspace/remote.ts';
import { gather, workspaceContract } from '../contract/workspace.ts';
import { bash } from '../support/bash.ts';
import { type SshNode, startSshNode } from '../support/ssh-node.ts';
import { sshdIsInstalled } from '../support/sshd.ts';

describe.skipIf(!sshdIsInstalled())('over a real sshd', { timeout: 60_000 }, () => {
  let node: SshNode;
  beforeAll(async () => {
    node = await startSshNode();
  });
  afterAll(() => node[Symbol.asyncDispose]());

  const open = async () => {
    const folder = await mkdtempDisposable(join(tmpdir(), 'alfred-remote-ssh-'));
    const logs = createLocalWorkspace({ root: join(folder.path, 'server') });
    return {
      workspace: createRemoteWorkspace({ host: node.host, root: join(folder.path, 'node'), logs }),
      shell: bash,
      [Symbol.asyncDispose]: () => folder.remove(),
    };
  };

  workspaceContract('a workspace on another machine', open);

  it('an archive that the connection broke in is begun anew as soon as there is another connection', async () => {
    await using test = await open();
    const task = 'build-red-fox-unit' as TaskFullName;
    const content = randomBytes(30_000_000);
    await writeFile(join(await test.workspace.ensure(task), 'output/random'), content);
    const pack = () => test.workspace.pack(task, new AbortController().signal);
    const archive = pack();
    await archive[Symbol.asyncIterator]().next();
    await node.sshd.dropSessions();
    const error = await gather(archive).catch(cause => cause);
    expect(error).toBeInstanceOf(UnreachableError);
    await error.reachable();
    const again = await gather(pack()).catch(async cause => {
      // The connection was away for longer than the first wait.
      await cause.reachable();
      return gather(pack());
    });
    expect(zstdDecompressSync(again).includes(content)).toBe(true);
  });
});

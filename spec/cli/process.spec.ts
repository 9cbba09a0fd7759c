import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { BehaviorSubject } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RpcServer, startRpcServer } from '../../src/rpc/server.ts';
import { type MemoryService, memoryService } from '../rpc/memory-service.ts';
import { silentLog } from '../rpc/silent-log.ts';
import { job, running } from './support/jobs.ts';

// Each is a process of its own.
vi.setConfig({ testTimeout: 30_000 });

const JOB = 'nightly-brave-otter';
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

let folder: string;
let service: MemoryService;
let server: RpcServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alfred-spec-'));
  service = memoryService();
  service.jobs.set(JOB, new BehaviorSubject(job([running('unit')])));
  service.files.set(`${JOB}/unit`, endlessLog);
  server = await startRpcServer({ service, listen: `unix:${join(folder, 'alfred.sock')}`, log: silentLog });
});

afterAll(async () => {
  await server.stop(0);
  await rm(folder, { recursive: true });
});

/** Line after line, until nobody reads any more. */
async function* endlessLog(): AsyncGenerator<Uint8Array> {
  for (let line = 1; ; line += 1) {
    yield Buffer.from(`line ${line}\n`);
    await new Promise(resolve => setImmediate(resolve));
  }
}

const alfred = (...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...process.env, ALFRED_REMOTE: server.address, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const ending = async (child: ChildProcess): Promise<{ readonly code: number | null; readonly stderr: string }> => {
  if (child.stderr === null) throw new Error('no stderr');
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { code, stderr };
};

const firstData = async (child: ChildProcess, stream: 'stdout' | 'stderr'): Promise<string> => {
  const [chunk] = await once(child[stream] as NodeJS.ReadableStream, 'data');
  return String(chunk);
};

describe('the process', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends a watch on %s, says how to get back, and exits 130', async signal => {
    const child = alfred('watch', JOB);
    const over = ending(child);
    await firstData(child, 'stderr');
    child.kill(signal);
    expect(await over).toStrictEqual({ code: 130, stderr: expect.stringContaining(`alfred watch ${JOB}\n`) });
  });

  it('ends in silence when nobody reads its output any more', async () => {
    const child = alfred('logs', JOB, 'unit', '--follow');
    const over = ending(child);
    expect(await firstData(child, 'stdout')).toMatch(/^line 1\n/);
    child.stdout?.destroy();
    expect(await over).toStrictEqual({ code: 0, stderr: '' });
  });

  it.runIf(process.platform === 'linux')('says when its output can not be written', async () => {
    const full = createWriteStream('/dev/full');
    await once(full, 'open');
    const child = spawn(process.execPath, [MAIN, 'schema'], { stdio: ['ignore', full, 'pipe'] });
    const { code, stderr } = await ending(child);
    full.destroy();
    expect([code, stderr]).toStrictEqual([2, "alfred: the output can't be written: ENOSPC: no space left on device, write\n"]);
  });
});

import { randomBytes } from 'node:crypto';
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZstdError } from '../../src/base/zstd.ts';
import type { TaskFullName } from '../../src/domain/names.ts';
import { createLocalWorkspace } from '../../src/workspace/local.ts';
import { tailArchive } from '../../src/workspace/tail-archive.ts';
import { gather, positionsOf } from '../contract/workspace.ts';
import { readLog } from '../support/log-text.ts';

const TASK = 'build-red-fox-unit' as TaskFullName;
const MIB = 1 << 20;
const never = new AbortController().signal;

/** A task's output, and the archive that is made of it. */
const outputOf = async (files: Readonly<Record<string, string | Uint8Array>>) => {
  const folder = await mkdtempDisposable(join(tmpdir(), 'alfred-archive-'));
  const workspace = createLocalWorkspace({ root: folder.path });
  const path = await workspace.ensure(TASK);
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, 'output', name), content);
  await mkdir(join(path, 'output', 'empty'));
  return {
    readLive: (tailLines: number) => readLog(workspace.readLogs(TASK, { tailLines, follow: null }, never)),
    piecesLive: () => Array.fromAsync(workspace.readLogs(TASK, { tailLines: 9, follow: null }, never)),
    archive: await gather(workspace.pack(TASK, never)),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
};

const opening =
  (archive: Uint8Array, heard: (bytes: number) => void = () => {}) =>
  async () =>
    (async function* () {
      for (let at = 0; at < archive.length; at += 64 * 1024) {
        const chunk = archive.subarray(at, at + 64 * 1024);
        heard(chunk.length);
        yield chunk;
      }
    })();

describe('the logs of a task that has ended', { timeout: 60_000 }, () => {
  it('read as they did while it ran', async () => {
    const content = fc
      .array(fc.constantFrom('', 'one', 'two and more', '\n', '\r\n'), { maxLength: 8 })
      .map(parts => parts.join('\n'));
    await fc.assert(
      fc.asyncProperty(content, content, content, fc.integer({ min: 1, max: 8 }), async (one, two, own, tailLines) => {
        await using output = await outputOf({
          'unit-step-2.log': one,
          'unit-step-10.log': two,
          'unit-alfred.log': own,
          'a-report.log': 'no log of the task',
        });
        const archived = await readLog(tailArchive(opening(output.archive), { tailLines }));
        expect(`${archived}`).toBe(`${await output.readLive(tailLines)}`);
      }),
      { numRuns: 30 },
    );
  });

  it('go on where their reader was cut off, while the task ran or after', async () => {
    await using output = await outputOf({
      'unit-step-1.log': 'one\ntwo\n',
      'unit-step-2.log': `${'x'.repeat(700_000)}\nend\n`,
      'unit-step-3.log': '',
      'unit-alfred.log': 'done\n',
    });
    for (const whole of [
      await output.piecesLive(),
      await Array.fromAsync(tailArchive(opening(output.archive), { tailLines: 9 })),
    ])
      for (let cut = 0; cut <= whole.length; cut += 1) {
        const head = whole.slice(0, cut);
        const rest = await readLog(tailArchive(opening(output.archive), { tailLines: 9, seen: positionsOf(head) }));
        const text = `${Buffer.concat(head.map(({ data }) => data))}${rest}`;
        expect(text, `after ${cut} pieces`).toBe(`${await output.readLive(9)}`);
      }
  });

  it('come without the rest of the archive being read', async () => {
    await using output = await outputOf({ 'unit-step-1.log': 'short\n', 'core.dump': randomBytes(64 * MIB) });
    let read = 0;
    const text = await readLog(
      tailArchive(
        opening(output.archive, bytes => {
          read += bytes;
        }),
        { tailLines: 10 },
      ),
    );
    expect(`${text}`).toBe('==> unit-step-1.log <==\nshort\n');
    expect(read).toBeLessThan(output.archive.length / 2);
  });

  it('may be longer than memory: they are passed on, not held', async () => {
    const lines = 'a line that says little\n'.repeat((48 * MIB) / 24);
    await using output = await outputOf({ 'unit-step-1.log': lines });
    let largest = 0;
    let bytes = 0;
    for await (const { data: chunk } of tailArchive(opening(output.archive), { tailLines: 2_000_000 })) {
      largest = Math.max(largest, chunk.length);
      bytes += chunk.length;
    }
    expect(bytes).toBe('==> unit-step-1.log <==\n'.length + 2_000_000 * 24);
    expect(largest).toBeLessThanOrEqual(MIB);
  });

  it('are nothing where there is no archive, or none in it', async () => {
    expect(await readLog(tailArchive(async () => null, { tailLines: 10 }))).toHaveLength(0);
    await using output = await outputOf({ 'report.xml': '<x/>' });
    expect(await readLog(tailArchive(opening(output.archive), { tailLines: 10 }))).toHaveLength(0);
  });

  it('fail where the archive is damaged', async () => {
    await using output = await outputOf({ 'unit-step-1.log': randomBytes(MIB) });
    const half = output.archive.subarray(0, output.archive.length / 2);
    await expect(readLog(tailArchive(opening(half), { tailLines: 10 }))).rejects.toThrow(ZstdError);
  });
});

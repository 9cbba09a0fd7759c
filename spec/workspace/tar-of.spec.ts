import { appendFile, mkdir, mkdtempDisposable, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/base/invariant.ts';
import { holdFolder } from '../../src/workspace/held-folder.ts';
import { tarOf } from '../../src/workspace/tar-of.ts';
import { openFiles } from './open-files.ts';

const MIB = 1 << 20;
const never = new AbortController().signal;

const openFolder = async () => {
  const folder = await mkdtempDisposable(join(tmpdir(), 'alfred-tar-'));
  const held = await holdFolder(folder.path);
  invariant(held !== null, 'it was made above');
  return {
    path: folder.path,
    file: (name: string) => join(folder.path, name),
    pack: () => tarOf(held, never),
    [Symbol.asyncDispose]: async () => {
      await held[Symbol.asyncDispose]();
      await folder.remove();
    },
  };
};

type Entry = { readonly header: Header; readonly content: Buffer };

const entriesOf = async (tar: AsyncIterable<Uint8Array>): Promise<readonly Entry[]> => {
  const entries: Entry[] = [];
  for await (const entry of Readable.from(tar).pipe(extract())) {
    entries.push({
      header: entry.header as Header,
      content: Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Uint8Array>)),
    });
  }
  return entries;
};

/** The entries of an archive whose files are changed when the first of them has begun to be packed. */
const entriesChanged = async (tar: AsyncIterable<Uint8Array>, change: () => Promise<void>): Promise<readonly Entry[]> => {
  let isChanged = false;
  return entriesOf(
    (async function* () {
      for await (const chunk of tar) {
        if (!isChanged) await change();
        isChanged = true;
        yield chunk;
      }
    })(),
  );
};

describe('a tar of a folder that changes meanwhile', () => {
  it('has a file that grows as long as it was found', async () => {
    await using folder = await openFolder();
    await writeFile(folder.file('a'), Buffer.alloc(3 * MIB, 'a'));
    const [entry] = await entriesChanged(folder.pack(), () => appendFile(folder.file('a'), 'more'));
    expect(entry?.header.size).toBe(3 * MIB);
    expect(entry?.content.equals(Buffer.alloc(3 * MIB, 'a'))).toBe(true);
  });

  it('has zeros in place of what a file loses', async () => {
    await using folder = await openFolder();
    await writeFile(folder.file('a'), Buffer.alloc(3 * MIB, 'a'));
    await writeFile(folder.file('b'), 'still there');
    const [shrunk, next] = await entriesChanged(folder.pack(), () => truncate(folder.file('a'), 2 * MIB));
    expect(shrunk?.content).toHaveLength(3 * MIB);
    expect(shrunk?.content.subarray(0, 2 * MIB).equals(Buffer.alloc(2 * MIB, 'a'))).toBe(true);
    expect(shrunk?.content.subarray(2 * MIB).equals(Buffer.alloc(MIB))).toBe(true);
    expect(`${next?.content}`).toBe('still there');
  });

  it('goes on without what vanishes, be it a file or a folder', async () => {
    await using folder = await openFolder();
    await writeFile(folder.file('a'), Buffer.alloc(3 * MIB, 'a'));
    await mkdir(folder.file('b/inside'), { recursive: true });
    await writeFile(folder.file('c'), 'c');
    await writeFile(folder.file('d'), 'd');
    const entries = await entriesChanged(folder.pack(), async () => {
      await rm(folder.file('b'), { recursive: true });
      await rm(folder.file('c'));
    });
    expect(entries.map(({ header }) => header.name)).toEqual(['a', 'd']);
    expect(entries[0]?.content).toHaveLength(3 * MIB);
  });
});

describe('a tar of a folder', () => {
  it('takes files that are larger than the eight GiB of the old format', async () => {
    await using folder = await openFolder();
    const file = await open(folder.file('huge'), 'w');
    await file.truncate(9 * 1024 * MIB);
    await file.close();
    for await (const entry of Readable.from(folder.pack()).pipe(extract())) {
      expect(entry.header.size).toBe(9 * 1024 * MIB);
      break;
    }
  });

  it('takes files whose names are no UTF-8, under a name that is', async () => {
    await using folder = await openFolder();
    const name = Buffer.from('grün', 'latin1');
    await writeFile(Buffer.concat([Buffer.from(`${folder.path}/`), name]), 'kept');
    const [entry] = await entriesOf(folder.pack());
    expect([entry?.header.name, `${entry?.content}`]).toEqual(['gr\ufffdn', 'kept']);
  });

  it.skipIf(process.platform !== 'linux')('leaves no file open when its reader leaves', async () => {
    await using folder = await openFolder();
    await mkdir(folder.file('a'));
    await writeFile(folder.file('a/file'), Buffer.alloc(5 * MIB));
    for await (const chunk of folder.pack()) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect((await openFiles()).filter(path => path.startsWith(folder.path))).toEqual([folder.path]);
  });
});

import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compress } from '../../src/base/zstd.ts';
import { unpackArtifact } from '../../src/cli/unpack.ts';

type Entry = Partial<Header> & { readonly name: string; readonly content?: string };

/** An artifact with these entries, as a server sends it. */
const artifactOf = (...entries: readonly Entry[]): AsyncIterable<Uint8Array> => {
  const archive = pack();
  for (const { content = '', ...header } of entries) archive.entry(header, content);
  archive.finalize();
  return compress(archive as AsyncIterable<Uint8Array>);
};

let home: string;
const { signal } = new AbortController();

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'alfred-spec-'));
});

afterEach(() => rm(home, { recursive: true }));

const unpack = (...entries: readonly Entry[]) => unpackArtifact(artifactOf(...entries), join(home, 'unit'), signal);

describe('an artifact', () => {
  it('is unpacked with its folders, rights and links', async () => {
    await unpack(
      { name: 'unit-step-1.log', content: 'all well\n' },
      { name: 'coverage/', type: 'directory' },
      { name: 'coverage/index.html', content: '<html>', mode: 0o644 },
      { name: 'bin/tool', content: '#!/bin/sh\n', mode: 0o755 },
      { name: 'latest', type: 'symlink', linkname: 'coverage/index.html' },
      { name: 'secret', content: 'x', mode: 0o040 },
    );
    expect(await readFile(join(home, 'unit', 'unit-step-1.log'), 'utf8')).toBe('all well\n');
    expect(await readFile(join(home, 'unit', 'latest'), 'utf8')).toBe('<html>');
    expect((await stat(join(home, 'unit', 'bin', 'tool'))).mode & 0o777).toBe(0o755);
    expect((await stat(join(home, 'unit', 'secret'))).mode & 0o777).toBe(0o640);
    expect(await readdir(home)).toStrictEqual(['unit']);
  });

  it.each(['../outside', '/../../outside', 'a/../../outside'])(
    'that names %s is refused, and nothing of it stays',
    async name => {
      await expect(unpack({ name: 'fine', content: 'x' }, { name, content: 'x' })).rejects.toThrow('would lead out of it');
      expect(await readdir(home)).toStrictEqual([]);
    },
  );

  it('keeps absolute names inside its folder', async () => {
    await unpack({ name: '/etc/passwd', content: 'x' });
    expect(await readdir(join(home, 'unit', 'etc'))).toStrictEqual(['passwd']);
  });

  it.each(['/etc', '../..', 'a/../../..'])('has no link to %s, and says that it was left out', async linkname => {
    const { leftOut } = await unpack({ name: 'link', type: 'symlink', linkname }, { name: 'file', content: 'x' });
    expect(leftOut).toStrictEqual(['link']);
    expect(await readdir(join(home, 'unit'))).toStrictEqual(['file']);
  });

  it('can not write through a link of its own', async () => {
    const entries = [
      { name: 'a', type: 'symlink', linkname: 'b' },
      { name: 'a/file', content: 'x' },
    ] as const;
    await expect(unpack(...entries)).rejects.toThrow();
    expect(await readdir(home)).toStrictEqual([]);
  });

  it('leaves out devices and pipes', async () => {
    expect((await unpack({ name: 'pipe', type: 'fifo' })).leftOut).toStrictEqual(['pipe']);
  });

  it('never touches what is there already', async () => {
    await mkdir(join(home, 'unit'));
    await writeFile(join(home, 'unit', 'mine'), 'x');
    await expect(unpack({ name: 'file', content: 'x' })).rejects.toThrow(
      'is there already: remove it, or name another place with -o',
    );
    expect(await readdir(join(home, 'unit'))).toStrictEqual(['mine']);
    expect(await readdir(home)).toStrictEqual(['unit']);
  });

  it('that is damaged leaves nothing', async () => {
    const cut = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of artifactOf({ name: 'file', content: 'x'.repeat(9_999) }))
        yield chunk.subarray(0, chunk.length / 2);
    };
    await expect(unpackArtifact(cut(), join(home, 'unit'), signal)).rejects.toThrow(/zstd/);
    expect(await readdir(home)).toStrictEqual([]);
  });

  it('keeps links as they were written', async () => {
    await unpack({ name: 'dir/link', type: 'symlink', linkname: '../file' }, { name: 'file', content: 'x' });
    expect(await readlink(join(home, 'unit', 'dir', 'link'))).toBe('../file');
  });
});

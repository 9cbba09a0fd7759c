import { mkdtempDisposable, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JobId } from '../../src/domain/names.ts';
import { createArtifactStore } from '../../src/store/artifacts.ts';

const JOB = 'build-red-fox' as JobId;
const HOUR_MS = 3_600_000;

async function* streamOf(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

const openFolder = async () => {
  const folder = await mkdtempDisposable(join(tmpdir(), 'alfred-artifacts-'));
  const path = join(folder.path, 'artifacts');
  const store = createArtifactStore({ folder: path });
  return {
    store,
    file: (name: string) => join(path, name),
    files: async () => (await readdir(path, { recursive: true }).catch(() => [])).toSorted(),
    read: async (taskName: string): Promise<string | null> => {
      const content = await store.open(JOB, taskName);
      return content && `${Buffer.concat(await Array.fromAsync(content))}`;
    },
    /** Makes a file as old as that. */
    age: (name: string, now: number, ageMs: number) => utimes(join(path, name), (now - ageMs) / 1_000, (now - ageMs) / 1_000),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
};

describe('an artifact', () => {
  it('is there, whole, when it was written', async () => {
    await using folder = await openFolder();
    expect(await folder.read('unit')).toBeNull();
    await folder.store.write(JOB, 'unit', streamOf('one ', 'two'));
    expect(await folder.read('unit')).toBe('one two');
    expect(await folder.files()).toEqual(['build-red-fox', 'build-red-fox/unit.tar.zst']);
  });

  it('is absent until its last byte is written', async () => {
    await using folder = await openFolder();
    const more = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const writing = folder.store.write(
      JOB,
      'unit',
      (async function* () {
        yield Buffer.from('one ');
        asked.resolve();
        await more.promise;
        yield Buffer.from('two');
      })(),
    );
    await asked.promise;
    expect(await folder.read('unit')).toBeNull();
    more.resolve();
    await writing;
    expect(await folder.read('unit')).toBe('one two');
  });

  it('is absent, and nothing is left of it, when its content breaks off', async () => {
    await using folder = await openFolder();
    const broken = new Error('the node is gone');
    const content = async function* () {
      yield Buffer.from('one ');
      throw broken;
    };
    await expect(folder.store.write(JOB, 'unit', content())).rejects.toBe(broken);
    expect(await folder.read('unit')).toBeNull();
    expect(await folder.files()).toEqual(['build-red-fox']);
  });

  it('replaces what an earlier run of the task stored; when that breaks off, the old one stays', async () => {
    await using folder = await openFolder();
    await folder.store.write(JOB, 'unit', streamOf('old'));
    const broken = async function* () {
      yield Buffer.from('half');
      throw new Error('broken');
    };
    await expect(folder.store.write(JOB, 'unit', broken())).rejects.toThrow('broken');
    expect(await folder.read('unit')).toBe('old');
    await folder.store.write(JOB, 'unit', streamOf('new'));
    expect(await folder.read('unit')).toBe('new');
  });

  it.each([
    ['../outside', 'unit'],
    ['..', 'unit'],
    ['build-red-fox', '../../outside'],
    ['build-red-fox', '/etc/passwd'],
  ])('is never outside: job %j, task %j is refused', async (job, task) => {
    await using folder = await openFolder();
    await expect(folder.store.write(job as JobId, task, streamOf('x'))).rejects.toThrow('lead out of it');
    await expect(folder.store.open(job as JobId, task)).rejects.toThrow('lead out of it');
    expect(await folder.files()).toEqual([]);
  });
});

describe('the retention of artifacts', () => {
  it('removes those that are too old, and the folders of jobs that have none left', async () => {
    await using folder = await openFolder();
    const now = Date.now();
    for (const task of ['old', 'young']) await folder.store.write(JOB, task, streamOf(task));
    await folder.store.write('lint-blue-owl' as JobId, 'old', streamOf('old'));
    await folder.age('build-red-fox/old.tar.zst', now, 2 * HOUR_MS);
    await folder.age('lint-blue-owl/old.tar.zst', now, 2 * HOUR_MS);
    expect((await folder.store.removeOlderThan(HOUR_MS, now)).toSorted()).toEqual([
      'build-red-fox/old.tar.zst',
      'lint-blue-owl/old.tar.zst',
    ]);
    expect(await folder.files()).toEqual(['build-red-fox', 'build-red-fox/young.tar.zst']);
  });

  it('finds nothing to do where there is no folder yet', async () => {
    await using folder = await openFolder();
    expect(await folder.store.removeOlderThan(HOUR_MS, Date.now())).toEqual([]);
  });

  it('removes what a crash left half-written, but nothing that is being written and nothing else', async () => {
    await using folder = await openFolder();
    const now = Date.now();
    await folder.store.write(JOB, 'unit', streamOf('whole'));
    for (const name of ['.unit.1.part', '.unit.2.part']) await writeFile(folder.file(`build-red-fox/${name}`), 'half');
    await folder.age('build-red-fox/.unit.1.part', now, HOUR_MS);
    await folder.age('build-red-fox/unit.tar.zst', now, HOUR_MS);
    const found = Promise.withResolvers<readonly string[]>();
    await folder.store.write(
      JOB,
      'lint',
      (async function* () {
        yield Buffer.from('under way');
        const [half] = (await readdir(folder.file('build-red-fox'))).filter(name => name.startsWith('.lint'));
        await folder.age(`build-red-fox/${half}`, now, HOUR_MS);
        found.resolve(await folder.store.listHalfWritten(now, HOUR_MS / 2));
      })(),
    );
    expect(await found.promise).toEqual(['build-red-fox/.unit.1.part']);
    for (const path of await found.promise) await folder.store.removeHalfWritten(path);
    expect(await folder.files()).toEqual([
      'build-red-fox',
      'build-red-fox/.unit.2.part',
      'build-red-fox/lint.tar.zst',
      'build-red-fox/unit.tar.zst',
    ]);
    expect(`${await readFile(folder.file('build-red-fox/lint.tar.zst'))}`).toBe('under way');
  });
});

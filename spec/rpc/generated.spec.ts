import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { generate } from '../../proto/generate.ts';

const GENERATED = join(import.meta.dirname, '../../src/rpc/generated');

/** Every file of a folder by its path, with its text. */
const filesOf = async (folder: string): Promise<Readonly<Record<string, string>>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(
    await Promise.all(files.sort().map(async file => [file.slice(folder.length), await readFile(file, 'utf8')])),
  );
};

describe('the generated code', () => {
  it('is what the contract gives: run `npm run gen` and commit when it is not', { timeout: 30_000 }, async () => {
    const root = await mkdtemp(join(tmpdir(), 'alfred-generated-'));
    onTestFinished(() => rm(root, { recursive: true }));

    await generate(root);

    expect(await filesOf(GENERATED)).toEqual(await filesOf(join(root, 'src/rpc/generated')));
  });
});

import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { decompress } from '../../src/base/zstd.ts';

/** The files of a `.tar.zst`, by their names. */
export const filesIn = async (artifact: string): Promise<Readonly<Record<string, string>>> => {
  const files: Record<string, string> = {};
  const entries = extract();
  entries.end(Buffer.concat(await Array.fromAsync(decompress(oneChunk(await readFile(artifact))))));
  for await (const entry of entries) files[entry.header.name] = await text(entry);
  return files;
};

async function* oneChunk(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

/** What a step wrote, out of its log. */
export const withoutTimestamps = (log = ''): string => log.replaceAll(/^\S+ /gm, '');

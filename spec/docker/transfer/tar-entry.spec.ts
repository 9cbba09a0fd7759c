import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { TAR_END, tarFile, tarHeader, tarPadding } from '../../../src/docker/transfer/tar-entry.ts';

describe('a tar entry', () => {
  it('is read back as it was written, whatever its length', async () => {
    const files = [0, 1, 511, 512, 513].map(length => ({ name: `${length}.bin`, content: Buffer.alloc(length, 'x') }));
    const entries = extract();
    const tar = Buffer.concat([
      ...files.flatMap(({ name, content }) => [tarHeader(name, content.length), content, tarPadding(content.length)]),
      tarFile('small.json', Buffer.from('{}')),
      TAR_END,
    ]);
    Readable.from([tar]).pipe(entries);
    const found: { name: string; content: Buffer }[] = [];
    for await (const entry of entries)
      found.push({ name: entry.header.name, content: await buffer(entry as AsyncIterable<unknown> as AsyncIterable<Buffer>) });
    expect(found).toEqual([...files, { name: 'small.json', content: Buffer.from('{}') }]);
  });

  it('may be larger than eight octal gigabytes', async () => {
    const size = 9 * 2 ** 30 + 1;
    const entries = extract();
    const found = new Promise(resolve => entries.on('entry', resolve));
    entries.write(tarHeader('large', size));
    expect(await found).toMatchObject({ name: 'large', size });
    entries.destroy();
  });
});

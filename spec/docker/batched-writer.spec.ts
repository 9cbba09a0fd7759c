import { describe, expect, it } from 'vitest';
import { createBatchedWriter } from '../../src/docker/batched-writer.ts';

/** A file whose writes end when the spec says so. */
const slowFile = () => {
  const appended: string[] = [];
  const underWay: PromiseWithResolvers<void>[] = [];
  return {
    appended,
    append: (chunk: Uint8Array): Promise<void> => {
      appended.push(Buffer.from(chunk).toString());
      const write = Promise.withResolvers<void>();
      underWay.push(write);
      return write.promise;
    },
    finish: () => underWay.shift()?.resolve(),
    fail: (error: Error) => underWay.shift()?.reject(error),
  };
};

describe('the writing of a log', () => {
  it('takes together what comes while a write is under way', async () => {
    const file = slowFile();
    const writer = createBatchedWriter(file);
    for (const text of ['a', 'b', 'c']) await writer.add(Buffer.from(text));
    file.finish();
    await Promise.resolve();
    await Promise.resolve();
    expect(file.appended).toEqual(['a', 'bc']);
    file.finish();
    await writer.flush();
  });

  it('holds back whoever is far faster than the file', async () => {
    const file = slowFile();
    const writer = createBatchedWriter(file);
    await writer.add(Buffer.from('first'));
    let hasRoom = false;
    const added = writer.add(Buffer.alloc(2 * 1024 * 1024)).then(() => {
      hasRoom = true;
    });
    await Promise.resolve();
    expect(hasRoom).toBe(false);
    file.finish();
    await new Promise(setImmediate);
    file.finish();
    await added;
  });

  it('tells of a failed write, and writes nothing behind the gap', async () => {
    const file = slowFile();
    const writer = createBatchedWriter(file);
    await writer.add(Buffer.from('lost'));
    file.fail(new Error('no space left'));
    await expect(writer.flush()).rejects.toThrow('no space left');
    await expect(writer.add(Buffer.from('more'))).rejects.toThrow('no space left');
    expect(file.appended).toEqual(['lost']);
  });
});

import { readdir } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLibrary, type Library, type SourceImage } from '../../../src/docker/transfer/library.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { type FakeEngine, fakeEngine } from '../fake-engine.ts';
import { configOf, digest, legacyFiles, tarOf } from './archives.ts';

const MINUTE_MS = 60_000;

/** How much more room segments take here than in truth: gigabytes would be too much for a spec. */
const scale = vi.hoisted(() => ({ factor: 1 }));

vi.mock(import('../../../src/docker/transfer/segments.ts'), async importOriginal => {
  const original = await importOriginal();
  const createSegmentStore: typeof original.createSegmentStore = folder => {
    const store = original.createSegmentStore(folder);
    return { ...store, bytes: () => store.bytes() * scale.factor };
  };
  return { ...original, createSegmentStore };
});

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

type Archives = Readonly<Record<string, Buffer | ((answer: ServerResponse) => void)>>;

/** A library over an engine with these images, by reference. */
const open = async (archives: Archives) => {
  const folder = await temporaryFolder();
  const source: FakeEngine = await fakeEngine(
    Object.fromEntries(
      Object.entries(archives).map(([reference, archive]) => [
        `GET /images/${reference}/get`,
        answer => void (typeof archive === 'function' ? archive(answer) : answer.end(archive)),
      ]),
    ),
  );
  const library = createLibrary(source.engine, folder.path, log);
  return {
    library,
    saves: () => source.asked.length,
    files: async () => (await readdir(folder.path)).length,
    [Symbol.asyncDispose]: async () => {
      await library.close();
      expect(await readdir(folder.path)).toEqual([]);
      await source[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
};

const imageOf = async (text: string): Promise<{ readonly image: SourceImage; readonly archive: Buffer }> => {
  const layers = [await tarOf({ file: Buffer.from(text) })];
  const id = digest(configOf(layers));
  const inspected = { Id: id } as SourceImage['inspected'];
  return { image: { id, reference: text, inspected }, archive: await tarOf(legacyFiles(layers)) };
};

const whole = (library: Library, image: SourceImage) => library.lend(image, it => it.whole);

describe('images read from the source', () => {
  let now: number;

  beforeEach(() => {
    now = 0;
    scale.factor = 1;
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    vi.spyOn(performance, 'now').mockImplementation(() => now);
  });

  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  const pass = async (ms: number): Promise<void> => {
    now += ms;
    await vi.advanceTimersByTimeAsync(ms);
  };

  it('are read once for all, also for nodes that come later, and go half an hour after the last one', async () => {
    const { image, archive } = await imageOf('one');
    await using desk = await open({ one: archive });
    await Promise.all([whole(desk.library, image), whole(desk.library, image)]);
    await pass(29 * MINUTE_MS);
    await whole(desk.library, image);
    await pass(29 * MINUTE_MS);
    expect(await desk.files()).toBe(1);
    expect(desk.saves()).toBe(1);
    await pass(2 * MINUTE_MS);
    await until(async () => (await desk.files()) === 0);
    await whole(desk.library, image);
    expect(desk.saves()).toBe(2);
  });

  it('make room for each other: above 8 GiB the one goes that was not used for longest', async () => {
    const [one, other, third] = [await imageOf('one'), await imageOf('two'), await imageOf('six')];
    await using desk = await open({ one: one.archive, two: other.archive, six: third.archive });
    const { layers } = await whole(desk.library, one.image);
    // Two of a size fit, three do not.
    scale.factor = (8 * 2 ** 30) / (2.5 * (layers[0]?.segment.bytes ?? 0));
    await whole(desk.library, other.image);
    await pass(1_000);
    await whole(desk.library, one.image);
    expect(await desk.files()).toBe(2);
    await whole(desk.library, third.image);
    expect(await desk.files()).toBe(2);
    expect(desk.saves()).toBe(3);
    await whole(desk.library, one.image);
    expect(desk.saves()).toBe(3);
    await whole(desk.library, other.image);
    expect(desk.saves()).toBe(4);
  });

  it('stay for as long as somebody sends them', async () => {
    const { image, archive } = await imageOf('one');
    await using desk = await open({ one: archive });
    await desk.library.lend(image, async it => {
      await it.whole;
      await pass(120 * MINUTE_MS);
      expect(await desk.files()).toBe(1);
    });
  });

  it('are not kept when nobody waited to their end', async () => {
    const { image, archive } = await imageOf('one');
    await using desk = await open({ one: answer => void answer.write(archive.subarray(0, 2_000)) });
    const leaving = desk.library.lend(image, async () => until(async () => desk.saves() === 1));
    await leaving;
    await until(async () => (await desk.files()) === 0);
  });

  it('are read anew when that failed, for who asks while others still have the one that did', async () => {
    const { image, archive } = await imageOf('one');
    let tries = 0;
    await using desk = await open({
      one: answer => {
        tries += 1;
        if (tries > 1) answer.end(archive);
        else answer.destroy();
      },
    });
    await desk.library.lend(image, async first => {
      await expect(first.whole).rejects.toThrow(`save image ${image.id}`);
      expect((await whole(desk.library, image)).layers).toHaveLength(1);
    });
    expect(desk.saves()).toBe(2);
  });
});

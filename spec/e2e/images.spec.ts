/** Images on a real engine: loaded whole or not at all. */
import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { createImageStore } from '../../src/docker/images.ts';
import { describeOnEngine, theEngine } from '../support/engine.ts';
import { scriptImage } from '../support/images.ts';

const never = new AbortController().signal;

async function* inChunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

describeOnEngine("an engine's images", () => {
  it('are loaded from what docker save gives, and found by their id', async () => {
    const { docker } = theEngine();
    // Of its own: it is taken off the engine in between.
    const image = await scriptImage(`echo ${randomUUID()}`);
    const { Id: id } = await docker.getImage(image).inspect();
    const saved = await buffer(await docker.getImage(image).get());
    await docker.getImage(image).remove();
    const images = createImageStore(theEngine());
    expect(await images.has(id, never)).toBe(false);
    await images.load(inChunks(saved), never);
    expect(await images.has(id, never)).toBe(true);
    await docker.getImage(image).remove();
  });

  it('are not loaded from garbage, from half an archive, or from an empty one: the engine says why', async () => {
    const saved = await buffer(
      await theEngine()
        .docker.getImage(await scriptImage('true'))
        .get(),
    );
    const { load } = createImageStore(theEngine());
    await expect(load(inChunks(Buffer.from('garbage')), never)).rejects.toThrow(/^load image: \S/);
    await expect(load(inChunks(saved.subarray(0, saved.length / 2)), never)).rejects.toThrow(/^load image: .*EOF/);
    await expect(load(inChunks(Buffer.alloc(10_240)), never)).rejects.toThrow(/^load image: \S/);
  });
});

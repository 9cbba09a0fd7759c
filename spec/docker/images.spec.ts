import { describe, expect, it } from 'vitest';
import { createImageStore, findImage, transferTag } from '../../src/docker/images.ts';
import { fakeEngine, send } from './fake-engine.ts';

const never = new AbortController().signal;
const ID = `sha256:${'a'.repeat(64)}`;

async function* bytes(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

describe('an image', () => {
  it('is found by its id', async () => {
    await using fake = await fakeEngine({ [`GET /images/${ID}/json`]: answer => send(answer, 200, { Config: {} }) });
    expect(await findImage(fake.engine, ID, never)).toEqual({ reference: ID, volumes: [] });
  });

  it('is found by the tag under which it travelled, where the engine gave it another id', async () => {
    await using fake = await fakeEngine({ [`GET /images/${transferTag(ID)}/json`]: answer => send(answer, 200, {}) });
    expect(await findImage(fake.engine, ID, never)).toEqual({ reference: `alfred-transfer:${'a'.repeat(64)}`, volumes: [] });
  });

  it('is not there when the engine knows neither', async () => {
    await using fake = await fakeEngine({});
    expect(await createImageStore(fake.engine).has(ID, never)).toBe(false);
  });

  it('is loaded when the engine says so', async () => {
    await using fake = await fakeEngine({ 'POST /images/load': answer => send(answer, 200, { stream: 'Loaded image: x:1\n' }) });
    await createImageStore(fake.engine).load(bytes('tar'), never);
  });

  it('is not loaded when the stream says that it failed, or says nothing of an image', async () => {
    let message: object = { error: 'unexpected EOF', errorDetail: { message: 'unexpected EOF' } };
    await using fake = await fakeEngine({ 'POST /images/load': answer => send(answer, 200, message) });
    const { load } = createImageStore(fake.engine);
    await expect(load(bytes('tar'), never)).rejects.toThrow('load image: unexpected EOF');
    message = { stream: '' };
    await expect(load(bytes('tar'), never)).rejects.toThrow('there is no image in the archive');
  });

  it('is not loaded when its archive breaks off', async () => {
    await using fake = await fakeEngine({ 'POST /images/load': () => undefined });
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('the client went away');
    }
    await expect(createImageStore(fake.engine).load(broken(), never)).rejects.toThrow('the client went away');
  });
});

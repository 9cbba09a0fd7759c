import { ask } from '../calls.ts';
import type { Engine } from '../engine.ts';
import { hasStatus } from '../errors.ts';
import { chainIds } from './chain-ids.ts';

/** Questions to a node's engine at a time. */
const AT_ONCE = 8;

/**
 * The layers that an engine has, by chain id, asked for anew with each call: images come and go. What is known of an image is not
 * asked twice, as its id says what is in it.
 */
export const createNodeLayers = (engine: Engine): ((signal: AbortSignal) => Promise<ReadonlySet<string>>) => {
  let known: ReadonlyMap<string, readonly string[]> = new Map();

  /** An image may go while it is looked at. */
  const chainsOf = async (id: string, signal: AbortSignal): Promise<readonly string[]> => {
    try {
      const { RootFS } = await ask(`look at image ${id}`, () => engine.docker.getImage(id).inspect(), signal);
      return chainIds(RootFS.Layers ?? []);
    } catch (error) {
      if (hasStatus(error, 404)) return [];
      throw error;
    }
  };

  return async signal => {
    const ids = (await ask('list images', () => engine.docker.listImages(), signal)).map(({ Id }) => Id);
    const found = new Map<string, readonly string[]>();
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const some = ids.slice(at, at + AT_ONCE);
      await Promise.all(some.map(async id => found.set(id, known.get(id) ?? (await chainsOf(id, signal)))));
    }
    known = found;
    return new Set([...found.values()].flat());
  };
};

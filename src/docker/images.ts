import { Readable } from 'node:stream';
import type { ImageInspectInfo } from 'dockerode';
import type { ImageStore } from '../engine/ports.ts';
import { ask } from './calls.ts';
import type { Engine } from './engine.ts';
import { EngineError, hasStatus, toEngineError } from './errors.ts';
import { readMessages } from './messages.ts';

/** An image that is on the engine. */
export type LocalImage = {
  /** What containers are made from. */
  readonly reference: string;
  /** Where the image wants anonymous volumes. */
  readonly volumes: readonly string[];
};

/**
 * The tag under which an image travels. Engines with the containerd store give a loaded image another id (moby #48401), so it is
 * also looked for by this tag, which whoever sends it puts on it.
 */
export const transferTag = (imageId: string): string => `alfred-transfer:${imageId.replace(/^sha256:/, '')}`;

/** How a node comes by the images of steps. */
export type StepImages = {
  /** The image, brought to the node if it can be; `null`: nobody has it. `say` tells the task's log what takes time. */
  ensure(image: string, say: (line: string) => void, signal: AbortSignal): Promise<LocalImage | null>;
};

/** The node's engine is the one that images are uploaded to: what it does not have, nobody has. */
export const imagesOnEngine = (engine: Engine): StepImages => ({
  ensure: (image, _say, signal) => findImage(engine, image, signal),
});

/** An image by its id, or by a reference; `null`: the engine does not have it. */
export const findImage = async (engine: Engine, image: string, signal: AbortSignal): Promise<LocalImage | null> => {
  const found = await inspectImage(engine, image, signal);
  return found === null ? null : { reference: found.reference, volumes: volumesOf(found.inspected) };
};

/** An image as its engine describes it, and what it is found by there. */
export type FoundImage = Pick<LocalImage, 'reference'> & { readonly inspected: ImageInspectInfo };

/** Like {@link findImage}, with all that the engine knows of it. */
export const inspectImage = async (engine: Engine, image: string, signal: AbortSignal): Promise<FoundImage | null> => {
  for (const reference of /^sha256:[0-9a-f]{64}$/.test(image) ? [image, transferTag(image)] : [image]) {
    try {
      const inspected = await ask(`look for image ${image}`, () => engine.docker.getImage(reference).inspect(), signal);
      return { reference, inspected };
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
    }
  }
  return null;
};

/** An image without any settings may come without `Config`. */
const volumesOf = ({ Config }: { readonly Config?: { readonly Volumes?: object | null } | null }): readonly string[] =>
  Object.keys(Config?.Volumes ?? {});

/** The images of one engine, for uploads. */
export const createImageStore = (engine: Engine): ImageStore => ({
  has: async (imageId, signal) => (await findImage(engine, imageId, signal)) !== null,
  load: (archive, signal) => loadImage(engine, archive, signal),
});

const WHAT = 'load image';

/** Not tried again: the archive can be read once. */
const loadImage = async (engine: Engine, archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> => {
  const upload = Readable.from(archive, { objectMode: false, signal });
  const failed = new Promise<never>((_, reject) => upload.once('error', reject));
  try {
    const answer = engine.docker.loadImage(upload, { abortSignal: signal } as { readonly quiet?: boolean });
    const loaded = await Promise.race([answer.then(countLoaded), failed]);
    // An archive without an image in it is no failure to the engine.
    if (loaded === 0) throw new EngineError(`${WHAT}: there is no image in the archive`);
  } catch (error) {
    signal.throwIfAborted();
    throw toEngineError(WHAT, error);
  } finally {
    upload.destroy();
  }
};

/** How many images the engine says it loaded; throws what it says went wrong. */
const countLoaded = async (answer: NodeJS.ReadableStream): Promise<number> => {
  let loaded = 0;
  for await (const message of readMessages(WHAT, answer as AsyncIterable<Buffer>))
    if (message.stream?.startsWith('Loaded image')) loaded += 1;
  return loaded;
};

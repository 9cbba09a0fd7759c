/** Brings images to nodes on other machines, from the one engine that they are uploaded to. See README.md beside this file. */
import type { Log } from '../../base/log.ts';
import type { NodeId } from '../../domain/names.ts';
import type { RemoteHost } from '../../engine/ports.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { findImage, inspectImage, type StepImages } from '../images.ts';
import { archiveWithout, findLack, type Lack, layerBytes } from './archive.ts';
import type { ImageInReading } from './image-in-reading.ts';
import { createLibrary, type Library, type SourceImage } from './library.ts';
import { persistently } from './persistently.ts';
import { megabytes, shortId, startProgress } from './progress.ts';
import { createReceiver, type Receiver } from './receiver.ts';
import { createSharedWork, type SharedWork } from './shared-work.ts';
import { createTurns } from './turns.ts';

export type ImageTransfersOptions = {
  /** The engine that has the images. */
  readonly source: Engine;
  /** For images on their way: a folder of its own, on a disk with room for the largest. */
  readonly folder: string;
  readonly log: Log;
  /** What a node receives, each second: `receiving image 3f2a… 43% (51 MB/s)`; `null`: nothing any more. */
  readonly onProgress: (nodeId: NodeId, text: string | null) => void;
};

export type ImageTransfers = {
  /** The images of a node: what its engine lacks is sent there. The same for each call with the same engine. */
  to(nodeId: NodeId, engine: Engine, host: RemoteHost): StepImages;
  /** Aborts what is under way, and removes all files. */
  close(): Promise<void>;
};

/** A wait that is worth another line in the task's log when it is over. */
const LONG_MS = 10_000;

export const createImageTransfers = ({ source, folder, log, onProgress }: ImageTransfersOptions): ImageTransfers => {
  const library = createLibrary(source, folder, log);
  const work = createSharedWork();
  const nodes = new WeakMap<Engine, StepImages>();

  const to: ImageTransfers['to'] = (nodeId, engine, host) => {
    const known = nodes.get(engine);
    if (known !== undefined) return known;
    const logOfNode: Log['info'] = (fields, message) => log.info({ node: nodeId, host: host.address, ...fields }, message);
    const node = { nodeId, engine, host, tell: (text: string | null) => onProgress(nodeId, text), info: logOfNode };
    const images = imagesOnNode(node, source, library, work);
    nodes.set(engine, images);
    return images;
  };

  const close = async (): Promise<void> => {
    await work.close();
    await library.close();
  };

  return { to, close };
};

/** Where images go, and who hears of it. */
type Destination = {
  readonly nodeId: NodeId;
  readonly engine: Engine;
  readonly host: RemoteHost;
  readonly tell: (text: string | null) => void;
  readonly info: Log['info'];
};

const imagesOnNode = (node: Destination, source: Engine, library: Library, work: SharedWork): StepImages => {
  // Two images that share layers bring them once.
  const inTurn = createTurns();
  let receiver: Receiver | null = null;

  const attempt = async (image: SourceImage, signal: AbortSignal): Promise<void> => {
    if ((await findImage(node.engine, image.id, signal)) !== null) return;
    receiver ??= await createReceiver(node.engine, node.host, signal);
    const to = receiver;
    node.tell(`reading image ${shortId(image.id)}`);
    await library.lend(image, inReading => send(node, to, image, inReading, signal));
  };

  /** Lent over all attempts: what one has begun to read is there for the next. */
  const deliver = (image: SourceImage, signal: AbortSignal): Promise<void> =>
    library.lend(image, () => persistently(node.host, () => attempt(image, signal), signal)).finally(() => node.tell(null));

  const ensure: StepImages['ensure'] = async (id, say, signal) => {
    const present = await findImage(node.engine, id, signal);
    if (present !== null) return present;
    const found = await inspectImage(source, id, signal);
    if (found === null) return null;
    const from = performance.now();
    say(`receiving image ${shortId(id)} (${megabytes(found.inspected.Size)} MB)`);
    await work.join(`${node.nodeId} ${id}`, aborted => inTurn(() => deliver({ id, ...found }, aborted), aborted), signal);
    const tookMs = performance.now() - from;
    if (tookMs > LONG_MS) say(`image ${shortId(id)} is there, after ${(tookMs / 1_000).toFixed(0)} s`);
    return await findImage(node.engine, id, signal);
  };

  return { ensure };
};

/** Sends what the node lacks, or all where that turns out to be too little: layers may be pruned at any time. */
const send = async (
  node: Destination,
  to: Receiver,
  image: SourceImage,
  inReading: ImageInReading,
  signal: AbortSignal,
): Promise<void> => {
  const diffIds = image.inspected.RootFS.Layers ?? [];
  await inReading.begun(signal);
  const lack = findLack(diffIds, await to.layers(signal));
  try {
    await sendLack(node, to, image.id, inReading, lack, signal);
  } catch (error) {
    signal.throwIfAborted();
    const isOfNode = error instanceof EngineError && !error.transient && inReading.state() !== 'failed';
    if (lack.isAll || !isOfNode) throw error;
    node.info({ image: image.id, err: error }, 'the image is sent again, whole: the node may have lost layers meanwhile');
    await sendLack(node, to, image.id, inReading, findLack(diffIds, new Set()), signal);
  }
  if ((await findImage(node.engine, image.id, signal)) === null)
    throw new EngineError(`image ${image.id} was loaded on ${node.host.address}, and is not there`);
};

const sendLack = async (
  { tell, info }: Destination,
  to: Receiver,
  id: string,
  image: ImageInReading,
  lack: Lack,
  signal: AbortSignal,
): Promise<void> => {
  let totalBytes: number | null = null;
  image.whole.then(
    whole => {
      totalBytes = layerBytes(whole, lack);
    },
    () => undefined,
  );
  const fields = { image: id, layers: lack.layers, of: lack.of, way: to.way };
  info(fields, 'sending an image');
  const from = performance.now();
  using progress = startProgress(`receiving image ${shortId(id)}`, () => totalBytes, tell);
  await to.load(progress.count(archiveWithout(id, image, lack, signal)), signal);
  info({ ...fields, bytes: progress.bytes(), ms: Math.round(performance.now() - from) }, 'sent an image');
};

/**
 * Builds the images of a jobfile's steps with the docker CLI, so that BuildKit, build secrets and the user's own builders
 * all work. Always for linux/amd64: that is what nodes are.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type Result } from 'execa';
import { type DockerCli, findDocker } from './docker-cli.ts';
import type { ImageStep, Jobfile } from './jobfile.ts';

/** `docker build` failed; `output` is what it said. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
  readonly step: ImageStep;
  readonly output: string;

  constructor(message: string, step: ImageStep, output: string, options?: ErrorOptions) {
    super(message, options);
    this.step = step;
    this.output = output;
  }
}

/** What {@link buildImages} tells while it works; `image` counts the different images from 0. */
export type BuildProgress =
  | { readonly type: 'started'; readonly image: number; readonly images: number; readonly step: ImageStep }
  | { readonly type: 'output'; readonly image: number; readonly chunk: Uint8Array }
  | { readonly type: 'built'; readonly image: number; readonly imageId: string };

/** Builds run side by side up to this many: an engine's builder is not faster with more. */
const MOST_BUILDS = 4;

/**
 * The image ids of a jobfile's steps, in their order. Equal steps are built once. The first failure ends the other builds.
 * Rejects with {@link BuildError}, with `DockerUnavailableError`, or with the signal's reason.
 */
export async function buildImages(
  jobfile: Jobfile,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (progress: BuildProgress) => void },
): Promise<readonly string[]> {
  const cli = await findDocker(signal);
  const images = [...new Map(jobfile.steps.map(step => [keyOf(step), step])).entries()];
  const ids = new Map<string, string>();
  const stop = new AbortController();
  const build = async (image: number, step: ImageStep): Promise<string> => {
    onProgress({ type: 'started', image, images: images.length, step });
    const imageId = await buildImage({
      cli,
      step,
      folder: jobfile.folder,
      signal: AbortSignal.any([signal, stop.signal]),
      onOutput: chunk => onProgress({ type: 'output', image, chunk }),
    });
    onProgress({ type: 'built', image, imageId });
    return imageId;
  };

  const failures: unknown[] = [];
  // The workers share one iterator: each takes the next image that nobody took.
  const waiting = images.entries();
  const work = async (): Promise<void> => {
    for (const [image, [key, step]] of waiting) {
      try {
        ids.set(key, await build(image, step));
      } catch (error) {
        failures.push(error);
        stop.abort();
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: MOST_BUILDS }, work));
  // The others were stopped by the first.
  if (failures.length > 0) throw failures[0];
  return jobfile.steps.map(step => ids.get(keyOf(step)) as string);
}

const keyOf = ({ dockerfile, context, options }: ImageStep): string => JSON.stringify([dockerfile, context, options]);

/** The end of a build's output that is kept for its error: what went wrong is said last. */
const KEPT_OUTPUT_BYTES = 1 << 20;

/** Builds one image and answers its id. Rejects with {@link BuildError}, or with the signal's reason. */
async function buildImage({
  cli,
  step,
  folder,
  signal,
  onOutput,
}: {
  readonly cli: DockerCli;
  readonly step: ImageStep;
  /** Where `docker build` runs: paths in the step's options are relative to it. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Standard output and error together, as they come. */
  readonly onOutput: (chunk: Uint8Array) => void;
}): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'alfred-build-'));
  try {
    const idFile = join(scratch, 'image-id');
    const output = outputTail(KEPT_OUTPUT_BYTES);
    const child = execa('docker', buildArguments(cli, step, idFile), {
      cwd: folder,
      env: cli.hasBuildx ? {} : { DOCKER_BUILDKIT: '0' },
      cancelSignal: signal,
      stdin: 'ignore',
      all: true,
      buffer: false,
      encoding: 'buffer',
      reject: false,
    });
    child.all.on('data', (chunk: Uint8Array) => {
      output.add(chunk);
      onOutput(chunk);
    });
    const result = await child;
    signal.throwIfAborted();
    if (result.failed) throw new BuildError(`docker build failed: ${whyFailed(result)}`, step, output.text(), { cause: result });
    return await readImageId(idFile, step, output.text());
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function buildArguments(
  { hasBuildx }: DockerCli,
  { dockerfile, context, options }: ImageStep,
  idFile: string,
): readonly string[] {
  // Without --load, builders that run in a container keep the image to themselves. Without --force-rm, the classic builder
  // leaves the container of a step that failed.
  const command = hasBuildx ? ['buildx', 'build', '--load'] : ['build', '--force-rm'];
  return [...command, '--platform', 'linux/amd64', '--iidfile', idFile, '--file', dockerfile, ...options, context];
}

async function readImageId(file: string, step: ImageStep, output: string): Promise<string> {
  const imageId = await readFile(file, 'utf8').catch(() => '');
  if (/^sha256:[0-9a-f]{64}$/.test(imageId.trim())) return imageId.trim();
  throw new BuildError('docker build made no image: an option of the step sends its result elsewhere', step, output);
}

/** The image as an uncompressed `docker save` stream. Fails with docker's own words, or with the signal's reason. */
export async function* saveImage(imageId: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const child = execa('docker', ['save', imageId], {
    cancelSignal: signal,
    stdin: 'ignore',
    buffer: { stdout: false },
    encoding: 'buffer',
    reject: false,
  });
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const result = await child;
    signal.throwIfAborted();
    if (result.failed) {
      throw new Error(`docker save of ${imageId} failed: ${Buffer.from(result.stderr).toString().trim() || whyFailed(result)}`);
    }
  } finally {
    child.kill();
  }
}

const whyFailed = ({ exitCode, shortMessage }: Pick<Result, 'exitCode' | 'shortMessage'>): string =>
  exitCode === undefined ? (shortMessage ?? 'it did not end by itself') : `exit code ${exitCode}`;

/** Keeps the last bytes of what is added to it. */
function outputTail(mostBytes: number) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    add(chunk: Uint8Array): void {
      chunks.push(chunk);
      size += chunk.length;
      while (size - (chunks[0]?.length ?? 0) >= mostBytes) size -= chunks.shift()?.length ?? 0;
    },
    text: (): string => Buffer.concat(chunks).toString(),
  };
}

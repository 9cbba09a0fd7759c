import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { BuildError, type BuildProgress, buildImages, saveImage } from '../../src/jobfile/build.ts';
import { DockerUnavailableError } from '../../src/jobfile/docker-cli.ts';
import type { ImageStep, Jobfile } from '../../src/jobfile/jobfile.ts';
import { until } from '../support/until.ts';
import { type FakeDocker, fakeDocker } from './support/fake-docker.ts';

const idOf = (digit: string): string => `sha256:${digit.repeat(64)}`;

/** A build that makes an image of that id, and does more before. */
const making = (digit: string, before = ':'): string => `${before}\nprintf ${idOf(digit)} > "$IID"\n`;

/** A jobfile with a step for each script, called 0, 1, … */
async function jobfileOf(docker: FakeDocker, scripts: readonly string[], step: Partial<ImageStep> = {}): Promise<Jobfile> {
  const context = join(docker.folder, 'context');
  await mkdir(context, { recursive: true });
  const steps = await Promise.all(
    scripts.map(async (script, index) => {
      const dockerfile = join(docker.folder, String(index));
      await writeFile(dockerfile, script);
      return { dockerfile, context, options: [], ...step };
    }),
  );
  return {
    folder: docker.folder,
    name: 'test',
    about: '',
    steps,
    env: [],
    secrets: [],
    services: [],
    tasks: [{ name: 'lint', slots: 1 }],
  };
}

const never = new AbortController().signal;

/** Builds, and says what was told meanwhile. */
async function build(jobfile: Jobfile, signal = never) {
  const progress: BuildProgress[] = [];
  const ids = await buildImages(jobfile, { signal, onProgress: told => progress.push(told) });
  return { ids, progress };
}

it('answers the ids in the order of the steps, whichever build ends first', async () => {
  await using docker = await fakeDocker();
  const jobfile = await jobfileOf(docker, [
    making('a', 'while [ ! -e "$FAKE/go" ]; do sleep 0.01; done'),
    making('b', 'touch "$FAKE/go"'),
  ]);
  expect((await build(jobfile)).ids).toEqual([idOf('a'), idOf('b')]);
});

it('builds equal steps once', async () => {
  await using docker = await fakeDocker();
  const { steps, ...jobfile } = await jobfileOf(docker, [making('a'), making('b')]);
  const repeated = [0, 1, 0, 0].map(index => ({ ...(steps[index] as ImageStep) }));
  const { ids, progress } = await build({ ...jobfile, steps: repeated });
  expect(ids).toEqual([idOf('a'), idOf('b'), idOf('a'), idOf('a')]);
  expect(await docker.builds()).toHaveLength(2);
  expect(progress.filter(({ type }) => type === 'built')).toHaveLength(2);
});

it('builds again for other options or another context', async () => {
  await using docker = await fakeDocker();
  const { steps, ...jobfile } = await jobfileOf(docker, [making('a')]);
  const [step] = steps as [ImageStep];
  await build({ ...jobfile, steps: [step, { ...step, options: ['--no-cache'] }, { ...step, context: docker.folder }] });
  expect(await docker.builds()).toHaveLength(3);
});

it('with buildx, takes it and loads the image into the engine', async () => {
  await using docker = await fakeDocker({ BUILDX: 'yes' });
  const jobfile = await jobfileOf(docker, [making('a')], { options: ['--build-arg', 'A=b c'] });
  await build(jobfile);
  const [call] = await docker.builds();
  expect(call?.replace(/--iidfile \S+/, '--iidfile ID').replaceAll(docker.folder, '/f')).toBe(
    'buildx build --load --platform linux/amd64 --iidfile ID --file /f/0 --build-arg A=b c /f/context',
  );
});

it.each([{ BUILDX: '' }, { BUILDX: 'yes', DOCKER_BUILDKIT: '0' }])(
  'with %o, takes the classic builder, which leaves no container',
  async env => {
    await using docker = await fakeDocker(env);
    const jobfile = await jobfileOf(docker, [making('a', 'echo "buildkit $DOCKER_BUILDKIT"')]);
    const { progress } = await build(jobfile);
    expect((await docker.builds())[0]).toMatch(/^build --force-rm --platform linux\/amd64 /);
    expect(outputOf(progress)).toBe('buildkit 0\n');
  },
);

const outputOf = (progress: readonly BuildProgress[]): string =>
  progress.map(told => (told.type === 'output' ? Buffer.from(told.chunk).toString() : '')).join('');

it('runs in the folder of the jobfile, and tells what both streams say as it comes', async () => {
  await using docker = await fakeDocker();
  const { progress } = await build(await jobfileOf(docker, [making('a', 'pwd; echo words >&2')]));
  expect(outputOf(progress)).toBe(`${docker.folder}\nwords\n`);
  expect(progress.map(({ type }) => type)).toEqual(['started', ...progress.slice(1, -1).map(() => 'output'), 'built']);
});

it('builds four at a time, no more', async () => {
  await using docker = await fakeDocker();
  // Each waits for three others at its side; a fifth one at the same time would be seen.
  const script = (digit: string): string =>
    making(
      digit,
      `touch "$FAKE/on-${digit}"; while [ $(ls "$FAKE" | grep -c ^on-) -lt 4 ] && [ ! -e "$FAKE/enough" ]; do sleep 0.01; done
[ $(ls "$FAKE" | grep -c ^on-) -le 4 ] || exit 9; touch "$FAKE/enough"; sleep 0.1; rm "$FAKE/on-${digit}"`,
    );
  const { ids } = await build(await jobfileOf(docker, [...'abcdef'].map(script)));
  expect(ids).toEqual([...'abcdef'].map(idOf));
});

it('a build that fails is an error with its own output, and ends the others', async () => {
  await using docker = await fakeDocker();
  const jobfile = await jobfileOf(docker, [
    making('a', 'touch "$FAKE/begun"; exec sleep 1000'),
    'while [ ! -e "$FAKE/begun" ]; do sleep 0.01; done; echo "line one"; echo "no such file" >&2; exit 3',
  ]);
  const error = await build(jobfile).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(BuildError);
  expect(error).toMatchObject({
    message: 'docker build failed: exit code 3',
    output: 'line one\nno such file\n',
    step: jobfile.steps[1],
  });
});

it('keeps the end of an output that is very long', async () => {
  await using docker = await fakeDocker();
  const jobfile = await jobfileOf(docker, ['head -c 3000000 /dev/zero | tr "\\0" x; echo the end; exit 1']);
  const error = (await build(jobfile).catch((cause: unknown) => cause)) as BuildError;
  expect(error.output.length).toBeLessThan(1_200_000);
  expect(error.output).toMatch(/the end\n$/);
});

it('a builder that makes no image is named as what it is', async () => {
  await using docker = await fakeDocker();
  await expect(build(await jobfileOf(docker, ['echo sent elsewhere']))).rejects.toThrow('docker build made no image');
});

it('ends with the signal, with its reason, and leaves no temporary folder', async () => {
  await using docker = await fakeDocker();
  vi.stubEnv('TMPDIR', docker.folder);
  const controller = new AbortController();
  const building = build(await jobfileOf(docker, ['touch "$FAKE/begun"; exec sleep 1000']), controller.signal);
  await until(async () => (await readdir(docker.folder)).includes('begun'));
  controller.abort(new Error('Ctrl+C'));
  await expect(building).rejects.toThrow('Ctrl+C');
  expect((await readdir(docker.folder)).filter(name => name.startsWith('alfred-build-'))).toEqual([]);
});

it('no docker program is one line that says what to install', async () => {
  await using docker = await fakeDocker();
  vi.stubEnv('PATH', '/nowhere');
  const error = await build(await jobfileOf(docker, [making('a')])).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(DockerUnavailableError);
  expect((error as Error).message).toMatchInlineSnapshot(
    `"building images needs the docker program, which is not in PATH: install Docker (https://docs.docker.com/engine/install)"`,
  );
});

it("no engine is one line with docker's own words", async () => {
  await using docker = await fakeDocker({
    NO_ENGINE: 'Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?',
  });
  const error = await build(await jobfileOf(docker, [making('a')])).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(DockerUnavailableError);
  expect((error as Error).message).toMatchInlineSnapshot(
    `"building images needs a Docker engine: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?"`,
  );
});

it('saves an image as a stream', async () => {
  await using _docker = await fakeDocker();
  const chunks: Uint8Array[] = [];
  for await (const chunk of saveImage('sha256:there', never)) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe('a tar stream');
});

it("an image that is not there fails with docker's own words", async () => {
  await using _docker = await fakeDocker();
  await expect(saveImage('sha256:gone', never).next()).rejects.toThrow('Error: No such image: sha256:gone');
});

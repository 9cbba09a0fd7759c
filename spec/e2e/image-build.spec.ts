/** Images for a job's steps, built with the docker CLI that this machine has, on the real engine. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BuildError, buildImages, saveImage } from '../../src/jobfile/build.ts';
import type { Jobfile } from '../../src/jobfile/jobfile.ts';
import { describeOnEngine, theEngine } from '../support/engine.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const never = new AbortController().signal;

/** A jobfile of one step, whose Dockerfile goes on from busybox with these lines. */
async function jobfileOf(folder: string, lines: readonly string[], options: readonly string[] = []): Promise<Jobfile> {
  const context = join(folder, 'context');
  await mkdir(context, { recursive: true });
  await copyFile('/bin/busybox', join(context, 'busybox'));
  const dockerfile = join(folder, 'Dockerfile');
  await writeFile(dockerfile, ['FROM scratch', 'COPY busybox /bin/busybox', ...lines, ''].join('\n'));
  const steps = [{ dockerfile, context, options }];
  return { folder, name: 'test', about: '', steps, env: [], secrets: [], services: [], tasks: [{ name: 'lint', slots: 1 }] };
}

/** Containers that run this very command: those of a builder have no label of ours. */
const containersRunning = async (command: string): Promise<number> => {
  const containers = await theEngine().docker.listContainers({ all: true });
  return containers.filter(({ Command }) => Command.includes(command)).length;
};

describeOnEngine('building an image', () => {
  it('answers an id that the engine knows, and a stream that it could load', async () => {
    await using folder = await temporaryFolder();
    const jobfile = await jobfileOf(
      folder.path,
      ['ARG GREETING', 'LABEL greeting=$GREETING'],
      ['--build-arg', 'GREETING=hello there'],
    );
    const [imageId = ''] = await buildImages(jobfile, { signal: never, onProgress: () => {} });
    const image = await theEngine().docker.getImage(imageId).inspect();
    expect(image).toMatchObject({ Os: 'linux', Architecture: 'amd64', Config: { Labels: { greeting: 'hello there' } } });
    let bytes = 0;
    for await (const chunk of saveImage(imageId, never)) bytes += chunk.length;
    expect(bytes).toBeGreaterThan(1_000_000);
    await theEngine().docker.getImage(imageId).remove();
  });

  it("shows the build's own output when it fails, and leaves no container", async () => {
    await using folder = await temporaryFolder();
    const mark = `failing-build-${process.pid}`;
    const jobfile = await jobfileOf(folder.path, [`RUN ["/bin/busybox", "sh", "-c", "echo ${mark}; exit 7"]`]);
    const error = await buildImages(jobfile, { signal: never, onProgress: () => {} }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(BuildError);
    expect((error as BuildError).output).toContain(mark);
    expect(await containersRunning(mark)).toBe(0);
  });

  it('ends on the engine when it is interrupted', async () => {
    await using folder = await temporaryFolder();
    const seconds = String(1_000 + process.pid);
    const jobfile = await jobfileOf(folder.path, [`RUN ["/bin/busybox", "sleep", "${seconds}"]`]);
    const controller = new AbortController();
    const building = buildImages(jobfile, { signal: controller.signal, onProgress: () => {} });
    await until(async () => (await containersRunning(`sleep ${seconds}`)) > 0);
    controller.abort(new Error('Ctrl+C'));
    await expect(building).rejects.toThrow('Ctrl+C');
    await until(async () => (await containersRunning(`sleep ${seconds}`)) === 0);
  });
});

/**
 * Images for end-to-end specs, made from programs of this machine: no registry is asked for anything. They are imported, not built,
 * under a tag that says what is in them, and stay on the engine for the next run.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { type Pack, pack } from 'tar-stream';
import { findImage } from '../../src/docker/images.ts';
import { theEngine } from './engine.ts';

const run = promisify(execFile);

/** Debian's `busybox-static`: the one program that runs in an image with nothing else in it. */
const BUSYBOX = '/bin/busybox';

type Entry = { readonly path: string } & ({ readonly file: string } | { readonly link: string });

/** An image of busybox with all its applets. `changes`: as in a Dockerfile. Returns its tag. */
export const busyboxImage = async (changes: readonly string[] = ['CMD ["sh"]']): Promise<string> =>
  imported('busybox', await busyboxEntries(), changes);

/** An image that runs a script in busybox's shell. */
export const scriptImage = (script: string, changes: readonly string[] = []): Promise<string> =>
  busyboxImage([`CMD ${JSON.stringify(['sh', '-c', script])}`, ...changes]);

/** An image of Debian's redis, with busybox beside it; saves nothing to disk, listens to everybody, as the official one does. */
export const redisImage = async (): Promise<string> => {
  const programs = ['/usr/bin/redis-server', '/usr/bin/redis-cli'];
  const libraries = new Set((await Promise.all(programs.map(librariesOf))).flat());
  const entries = [...programs, ...libraries].map(path => ({ path, file: path }));
  const command = ['redis-server', '--save', '', '--bind', '0.0.0.0', '--protected-mode', 'no'];
  const changes = [`CMD ${JSON.stringify(command)}`, 'VOLUME /data', 'WORKDIR /data'];
  return imported('redis', [...(await busyboxEntries()), ...entries], changes);
};

const busyboxEntries = async (): Promise<readonly Entry[]> => {
  const { stdout } = await run(BUSYBOX, ['--list']);
  const applets = stdout.split('\n').filter(applet => applet !== '' && applet !== 'busybox');
  return [{ path: BUSYBOX, file: BUSYBOX }, ...applets.map(applet => ({ path: `/bin/${applet}`, link: BUSYBOX }))];
};

/** The shared libraries of a program, the loader included, where it looks for them. */
const librariesOf = async (program: string): Promise<readonly string[]> => {
  const { stdout } = await run('ldd', [program]);
  return Array.from(stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g), ([, path = '']) => path);
};

const PATH = 'ENV PATH=/bin:/usr/bin';

const imported = async (name: string, entries: readonly Entry[], changes: readonly string[]): Promise<string> => {
  const { docker } = theEngine();
  const version = createHash('sha256')
    .update(JSON.stringify([entries, changes, await checksums(entries)]))
    .digest('hex')
    .slice(0, 16);
  const [repo, tag] = [`alfred-spec/${name}`, version];
  if ((await findImage(theEngine(), `${repo}:${tag}`, AbortSignal.timeout(10_000))) === null) {
    const answer = await docker.importImage(Readable.from(await tarOf(entries)), { repo, tag, changes: [PATH, ...changes] });
    await checkImport(answer, `${repo}:${tag}`);
  }
  return `${repo}:${tag}`;
};

const checkImport = async (answer: NodeJS.ReadableStream, image: string): Promise<void> => {
  const said = await text(answer);
  if (said.includes('"error"')) throw new Error(`import ${image}: ${said}`);
};

/** A newer package makes a new image. */
const checksums = (entries: readonly Entry[]): Promise<readonly string[]> =>
  Promise.all(
    entries.map(async entry =>
      'file' in entry
        ? createHash('sha256')
            .update(await readFile(entry.file))
            .digest('hex')
        : '',
    ),
  );

const tarOf = async (entries: readonly Entry[]): Promise<Pack> => {
  const tar = pack();
  // The same bytes each time: all images of busybox share one layer.
  const mtime = new Date(0);
  for (const { path, ...entry } of entries) {
    if ('link' in entry) tar.entry({ name: path.slice(1), type: 'symlink', linkname: entry.link, mtime });
    else tar.entry({ name: path.slice(1), mode: 0o755, mtime }, await readFile(await realpath(entry.file)));
  }
  tar.entry({ name: 'tmp', type: 'directory', mode: 0o1777, mtime });
  tar.finalize();
  return tar;
};

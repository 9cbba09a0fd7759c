/**
 * Folders that a server which is not root can't remove: containers run as root, and so do the files that they leave in a bind
 * mount. No program runs for it, so no image has to have one: the engine itself unpacks archives into a container's mounts as
 * root, and folders in an archive give existing ones their owner.
 */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { hasCode } from '../base/error-code.ts';
import { ask, change } from './calls.ts';
import { removeContainer } from './containers.ts';
import type { Engine } from './engine.ts';
import { EngineError } from './errors.ts';
import { LABEL } from './names.ts';

const MOUNT_POINT = '/folder';

/** A user of the engine's host. */
export type Owner = { readonly uid: number; readonly gid: number };

/**
 * Makes `owner` the owner of every folder below `path`, itself included: who owns a folder can remove what is in it. `instance`
 * marks the container that it takes, which never starts. `look` finds the folders that can be seen and are another user's, with
 * their whole paths; another machine's are not for this process to find. Rejects when the engine has no image at all.
 */
export const takeOver = async (
  engine: Engine,
  instance: string,
  path: string,
  owner: Owner,
  look = () => foreignFolders(path, owner),
): Promise<void> => {
  const given = new Set<string>();
  // A folder shows what is in it once it is ours: one round for each level that was closed.
  for (;;) {
    const foreign = await look();
    if (foreign.length === 0) return;
    const refused = foreign.find(folder => given.has(folder));
    if (refused !== undefined) throw new EngineError(`the engine does not give ${refused} to user ${owner.uid}`);
    for (const folder of foreign) given.add(folder);
    await giveAll(engine, instance, path, foreign, owner);
  }
};

/** The folders that can be seen, and are another user's. */
const foreignFolders = async (path: string, owner: Owner): Promise<readonly string[]> => {
  const own = (await stat(path)).uid === owner.uid ? [] : [path];
  const entries = await readdir(path, { withFileTypes: true }).catch(error => {
    if (hasCode(error, 'EACCES', 'EPERM')) return [];
    throw error;
  });
  const below = await Promise.all(
    entries.filter(entry => entry.isDirectory()).map(({ name }) => foreignFolders(join(path, name), owner)),
  );
  return [...own, ...below.flat()];
};

const giveAll = async (
  engine: Engine,
  instance: string,
  path: string,
  folders: readonly string[],
  owner: Owner,
): Promise<void> => {
  // With the folder above it: the folder that an archive is unpacked into keeps its owner.
  const containerId = await containerWith(engine, instance, dirname(path));
  const archiveOfFolders = (): Readable => {
    const archive = pack();
    for (const folder of folders)
      archive.entry({ name: relative(dirname(path), folder), type: 'directory', mode: 0o700, ...owner });
    archive.finalize();
    return Readable.from(archive);
  };
  try {
    await change('give folders', () =>
      engine.docker.getContainer(containerId).putArchive(archiveOfFolders(), { path: MOUNT_POINT }),
    );
  } finally {
    await removeContainer(engine, containerId);
  }
};

/** A container of any image: it is there for its mount. */
const containerWith = async (engine: Engine, instance: string, path: string): Promise<string> => {
  const [image] = await ask('list images', () => engine.docker.listImages());
  if (image === undefined) throw new EngineError('the engine has no image to make a container of');
  const { id } = await change('make a container for a folder', () =>
    engine.docker.createContainer({
      Image: image.Id,
      Cmd: ['never-started'],
      Labels: { [LABEL.server]: instance },
      HostConfig: { Mounts: [{ Type: 'bind', Source: path, Target: MOUNT_POINT }] },
    }),
  );
  return id;
};

/** A workspace in a folder of this machine, for engines that run here. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { hasCode } from '../base/error-code.ts';
import { pathInside } from '../base/path-inside.ts';
import { compress } from '../base/zstd.ts';
import { JOB_NAME, type TaskFullName } from '../domain/names.ts';
import type { Workspace } from '../engine/ports.ts';
import { type HeldFolder, holdFolder } from './held-folder.ts';
import { openLogWriter } from './log-writer.ts';
import { createNews } from './news.ts';
import { logsFor } from './read-logs.ts';
import { tarOf } from './tar-of.ts';

export type LocalWorkspaceOptions = {
  /** Made when the first task comes. What has the form of a task's folder in it is listed, whoever made it. */
  readonly root: string;
  /** Makes this process the owner of a folder's folders, which containers may have made; without it what is in them stays, with an error. */
  readonly takeOver?: (path: string) => Promise<void>;
};

/** A workspace whose files are at hand. */
export type LocalWorkspace = Workspace & {
  /** A task's `output`, for whoever archives it together with what is elsewhere; `null`: there is no such folder. */
  holdOutput(task: TaskFullName): Promise<HeldFolder | null>;
};

/** Steps may run as any user, and all of them write here. */
const OPEN_TO_ALL = 0o777;

export const createLocalWorkspace = ({ root, takeOver }: LocalWorkspaceOptions): LocalWorkspace => {
  const rootPath = resolve(root);
  const news = createNews();
  const folderOf = (task: TaskFullName): string => pathInside(rootPath, task);

  const holdOutput = async (task: TaskFullName): Promise<HeldFolder | null> => {
    await using folder = await holdFolder(folderOf(task));
    return (await folder?.enter('output')) ?? null;
  };

  const ensure = async (task: TaskFullName): Promise<string> => {
    const path = folderOf(task);
    await mkdir(path, { recursive: true });
    await using folder = await holdFolder(path);
    if (folder === null) throw new Error(`${path} is no folder`);
    await ensureOpenFolder(folder, 'output');
    await ensureOpenFolder(folder, 'shared');
    return path;
  };

  return {
    ensure,
    openLog: async (task, fileName) => {
      pathInside(folderOf(task), fileName);
      await using folder = await holdOutput(task);
      if (folder === null) throw new Error(`can't write the log ${fileName}: there is no folder ${folderOf(task)}/output`);
      return await openLogWriter(folder, fileName, news.to(task));
    },
    readLogs: (task, query, signal) =>
      logsFor({ hold: () => holdOutput(task), listen: listener => news.listen(task, listener) }, query, signal),
    pack: (task, signal) => compress(tarOfOutput(() => holdOutput(task), `${folderOf(task)}/output`, signal)),
    remove: task => removeFolder(folderOf(task), takeOver),
    list: async () => (await foldersIn(rootPath)).filter(isTaskFolder),
    holdOutput,
  };
};

/** Names of tasks are names of jobs with something added. */
export const isTaskFolder = (name: string): name is TaskFullName => JOB_NAME.test(name);

const ensureOpenFolder = async (parent: HeldFolder, name: string): Promise<void> => {
  await mkdir(parent.pathOf(name)).catch(error => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
  await using folder = await parent.enter(name);
  if (folder === null) throw new Error(`something else stands in the place of the task's folder ${name}`);
  // Not left to mkdir, which takes the umask away from it.
  await folder.chmod(OPEN_TO_ALL);
};

async function* tarOfOutput(
  hold: () => Promise<HeldFolder | null>,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  await using folder = await hold();
  if (folder === null) throw new Error(`there is no folder ${path}`);
  yield* tarOf(folder, signal);
}

const removeFolder = async (path: string, takeOver: LocalWorkspaceOptions['takeOver']): Promise<void> => {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM') || takeOver === undefined) throw error;
    await takeOver(path);
    await rm(path, { recursive: true, force: true });
  }
};

const foldersIn = async (path: string): Promise<readonly string[]> => {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter(entry => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
};

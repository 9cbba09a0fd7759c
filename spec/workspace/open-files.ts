import { readdir, readlink } from 'node:fs/promises';

/** The files and folders that this process holds open, by path. Linux only. */
export const openFiles = async (): Promise<readonly string[]> => {
  const links = await readdir('/proc/self/fd');
  // The descriptor that lists them is gone when it is looked at.
  return Promise.all(links.map(link => readlink(`/proc/self/fd/${link}`).catch(() => 'closed')));
};

/** A task's folder on another machine, removed whoever owns the files in it. */
import { shellQuote } from '../base/shell-quote.ts';
import type { RemoteHost } from '../engine/ports.ts';
import { asRoot, type PlaceOnNode, quotedPath, runScript } from './remote-script.ts';

/**
 * Makes `owner`, the login, the owner of every folder below `path` on the host, itself included. `look` finds those that are not
 * its own and can be seen; what is in a closed one is seen once that is the login's.
 */
export type TakeOverOnNode = (
  path: string,
  owner: { readonly uid: number; readonly gid: number },
  look: () => Promise<readonly string[]>,
) => Promise<void>;

export type WhatToRemove = PlaceOnNode & { readonly takeOver: TakeOverOnNode | undefined };

/** Gone already is fine. */
export const removeOnNode = async (host: RemoteHost, what: WhatToRemove, signal: AbortSignal): Promise<void> => {
  const remove = async (): Promise<void> => void (await runScript(host, removeScript(what), signal));
  try {
    await remove();
  } catch (error) {
    if (what.takeOver === undefined || !isForbidden(error)) throw error;
    await takeOverTask(host, what, what.takeOver, signal);
    await remove();
  }
};

/** A container's mounts may keep a folder busy for a moment after the container. */
const removeScript = ({ root, task }: PlaceOnNode): string => `
[ -e ${quotedPath(root)} ] || exit 0
cd ${quotedPath(root)} || exit 1
${asRoot(`
# Containers may close their own folders, also to who owns them; root is not kept out.
[ "$(id -u)" -eq 0 ] || find ./${shellQuote(task)} -type d ! -perm -700 -exec chmod u+rwx {} ';' 2>/dev/null
for pause in 0 1 2 4; do
  sleep $pause
  said=$(rm -rf ./${shellQuote(task)} 2>&1) && exit 0
  case $said in *busy*) ;; *) break ;; esac
done
fail "$said"
`)}`;

const isForbidden = (error: unknown): boolean =>
  error instanceof Error && /Permission denied|Operation not permitted/.test(error.message);

const takeOverTask = async (
  host: RemoteHost,
  { root, task }: PlaceOnNode,
  takeOver: TakeOverOnNode,
  signal: AbortSignal,
): Promise<void> => {
  const facts = await runScript(host, `cd ${quotedPath(root)} && id -u && id -g && pwd -P`, signal);
  const [uid, gid, ...rootPath] = facts.slice(0, -1).split('\n');
  const path = `${rootPath.join('\n')}/${task}`;
  // It complains of those that it can't enter, having named them.
  const look = `find ${shellQuote(path)} -type d ! -uid ${uid} -print0 2>/dev/null || :`;
  await takeOver(path, { uid: Number(uid), gid: Number(gid) }, async () =>
    (await runScript(host, look, signal)).split('\0').filter(found => found !== ''),
  );
};

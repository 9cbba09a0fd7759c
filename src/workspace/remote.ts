/**
 * A workspace on another machine, for tasks that run there. Their logs are kept here: so a log is whole to its last line when the
 * machine dies, following it costs nothing over the wire, and no container can put anything in its place.
 */
import { pathInside } from '../base/path-inside.ts';
import { shellQuote } from '../base/shell-quote.ts';
import { compress } from '../base/zstd.ts';
import type { TaskFullName } from '../domain/names.ts';
import { NodeGoneError, type RemoteHost, type Workspace } from '../engine/ports.ts';
import { isTaskFolder, type LocalWorkspace } from './local.ts';
import { packOnNode } from './node-output.ts';
import { type PlaceOnNode, quotedPath, runScript } from './remote-script.ts';
import { removeOnNode, type TakeOverOnNode } from './remove-on-node.ts';
import { tarOf, withoutEnd } from './tar-of.ts';

export type RemoteWorkspaceOptions = {
  readonly host: RemoteHost;
  /** A folder of the host, made when the first task comes; a relative one is in the home of the login. */
  readonly root: string;
  /** Where the logs are kept. */
  readonly logs: LocalWorkspace;
  /** For logins that are not root and can't become root; without it what containers leave stays there, with an error. */
  readonly takeOver?: TakeOverOnNode;
};

/** Calls without a signal go on until the node answers, or is known to be gone. */
const never = new AbortController().signal;

/**
 * `ensure`, `remove` and `list` wait while the node can't be reached. `pack` does not, and may reject with `UnreachableError` in
 * the middle too: it must be begun anew then. Of a node that is gone the logs are packed, and what is here is removed.
 */
export const createRemoteWorkspace = ({ host, root, logs, takeOver }: RemoteWorkspaceOptions): Workspace => {
  /** Throws for a name that would lead out of the root. */
  const placeOf = (task: TaskFullName): PlaceOnNode => {
    pathInside(root, task);
    return { root, task };
  };

  const ensure = async (task: TaskFullName): Promise<string> => {
    const script = ensureScript(placeOf(task));
    await logs.ensure(task);
    return (await runScript(host, script, never)).replace(/\n$/, '');
  };

  async function* pack(task: TaskFullName, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const place = placeOf(task);
    await using folder = await logs.holdOutput(task);
    if (folder === null) throw new Error(`there is no folder with the logs of ${task}`);
    const except = (await folder.names()).map(String);
    const leave = new AbortController();
    try {
      const packing = packOnNode(host, { ...place, except }, AbortSignal.any([signal, leave.signal]));
      const output = await unlessGone(packing, ({ message }) => ({ notices: [onlyLogs(message)], archive: null }));
      const begin = tarOf(folder, signal, output.notices);
      yield* compress(output.archive === null ? begin : withoutEnd(begin));
      if (output.archive !== null) yield* output.archive;
    } finally {
      leave.abort(new Error('nobody reads the archive any more'));
    }
  }

  return {
    ensure,
    openLog: logs.openLog,
    readLogs: logs.readLogs,
    pack,
    remove: async task => {
      await unlessGone(removeOnNode(host, { ...placeOf(task), takeOver }, never), () => undefined);
      await logs.remove(task);
    },
    list: async () => {
      const onNode = await unlessGone(runScript(host, listScript(root), never), () => '');
      return [...new Set([...onNode.split('\0').filter(isTaskFolder), ...(await logs.list())])];
    },
  };
};

const unlessGone = <T, Else>(promise: Promise<T>, otherwise: (gone: NodeGoneError) => Else): Promise<T | Else> =>
  promise.catch(error => {
    if (error instanceof NodeGoneError) return otherwise(error);
    throw error;
  });

const onlyLogs = (why: string): string => `Only the logs are left of this task's output: ${why}\n`;

/** Prints the task's folder. Fails early where there is no way to make an archive later. */
const ensureScript = ({ root, task }: PlaceOnNode): string => `
for tool in tar find; do
  "$tool" --version 2>/dev/null | grep -q GNU || fail "there is no GNU $tool, which the archives of tasks take: install it"
done
mkdir -p ${quotedPath(root)} && cd ${quotedPath(root)} || exit 1
here=$(pwd -P)
made() { [ -e "$1" ] || [ -L "$1" ] || mkdir "$1"; }
made ${shellQuote(task)} || exit 1
enter ${shellQuote(task)} || fail "$here/"${shellQuote(task)}" is no folder"
for name in output shared; do
  made $name || exit 1
  (
    enter $name || fail "something else stands in the place of the task's folder $name"
    # Steps may run as any user, and all of them write here.
    chmod 777 .
  ) || exit 1
done
pwd -P
`;

/** Prints the names of folders, each ended by a NUL. */
const listScript = (root: string): string => `
[ -e ${quotedPath(root)} ] || exit 0
cd ${quotedPath(root)} && find . -mindepth 1 -maxdepth 1 -type d -printf '%P\\0'
`;

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hasCode } from '../../base/error-code.ts';
import { pathInside } from '../../base/path-inside.ts';
import type { NodeId } from '../../domain/names.ts';

/** Which host each node is, over restarts: its containers are there and nowhere else. */
export type Bindings = {
  /** `null`: the node has no host. */
  hostOf(nodeId: NodeId): Promise<string | null>;
  /** Gives the node its host, or the first of these that no node has; `null`: all are taken. */
  take(nodeId: NodeId, hosts: readonly string[]): Promise<string | null>;
  free(nodeId: NodeId): Promise<void>;
  /** The nodes that have a host. */
  list(): Promise<readonly NodeId[]>;
};

/** Keeps them in a folder: a file for each node, with the host's name in it. */
export const createBindings = (folder: string): Bindings => {
  const pathOf = (nodeId: NodeId): string => pathInside(folder, nodeId);
  let last: Promise<unknown> = Promise.resolve();
  /** One at a time: two nodes must not find the same host free. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const turn = last.then(act);
    last = turn.catch(() => undefined);
    return turn;
  };

  const hostOf: Bindings['hostOf'] = async nodeId => {
    const host = await readFile(pathOf(nodeId), 'utf8').catch(missingIsEmpty);
    return host.trim() || null;
  };
  const list: Bindings['list'] = async () => {
    const names = await readdir(folder).catch(missingIsNone);
    return names.filter(name => !name.endsWith(HALF)).map(name => name as NodeId);
  };

  return {
    hostOf,
    take: (nodeId, hosts) =>
      inTurn(async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const own = await hostOf(nodeId);
        if (own !== null && hosts.includes(own)) return own;
        const others = new Set(await Promise.all((await list()).map(hostOf)));
        const host = hosts.find(candidate => !others.has(candidate)) ?? null;
        if (host === null) return null;
        const half = `${pathOf(nodeId)}${HALF}`;
        await writeFile(half, `${host}\n`);
        await rename(half, pathOf(nodeId));
        return host;
      }),
    free: nodeId => inTurn(() => rm(pathOf(nodeId), { force: true })),
    list,
  };
};

/** What a crash left half-written. */
const HALF = '.part';

const missingIsNone = (error: unknown): readonly string[] => {
  if (hasCode(error, 'ENOENT')) return [];
  throw error;
};

const missingIsEmpty = (error: unknown): string => {
  if (hasCode(error, 'ENOENT')) return '';
  throw error;
};

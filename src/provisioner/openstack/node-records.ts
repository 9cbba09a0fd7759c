/**
 * What must be known of a node's server after a restart: which one it is, where it is and by which key it is known. Nova's lists leave
 * out servers of a cell that is down just now, so that only the id can tell a server that is gone from one that is not shown.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasCode } from '../../base/error-code.ts';
import { pathInside } from '../../base/path-inside.ts';
import type { NodeId } from '../../domain/names.ts';

const recordShape = z.object({
  serverId: z.string(),
  address: z.string(),
  /** `null`: lost, so that the next one is taken. */
  hostKey: z.object({ type: z.string(), fingerprint: z.string() }).nullable(),
});

/** Of a node that was online. */
export type NodeRecord = z.infer<typeof recordShape>;

export type NodeRecords = {
  /** `null`: there is none, or none that can be read. */
  read(nodeId: NodeId): Promise<NodeRecord | null>;
  write(nodeId: NodeId, record: NodeRecord): Promise<void>;
  remove(nodeId: NodeId): Promise<void>;
};

export const createNodeRecords = (dataFolder: string): NodeRecords => {
  const folder = join(dataFolder, 'nodes');
  const pathOf = (nodeId: NodeId): string => pathInside(folder, `${nodeId}.json`);
  return {
    read: async nodeId => {
      try {
        return recordShape.safeParse(JSON.parse(await readFile(pathOf(nodeId), 'utf8'))).data ?? null;
      } catch (error) {
        if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return null;
        throw error;
      }
    },
    write: async (nodeId, record) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const half = `${pathOf(nodeId)}.part`;
      await writeFile(half, `${JSON.stringify(record)}\n`, { mode: 0o600 });
      await rename(half, pathOf(nodeId));
    },
    remove: nodeId => rm(pathOf(nodeId), { force: true }),
  };
};

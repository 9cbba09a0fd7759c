import { createHash } from 'node:crypto';

/** The digest of some bytes as images name it: `sha256:…`. */
export const digestOf = (bytes: string | Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/**
 * What engines call a layer on top of others: the first's chain id is its diff id, each further one's hashes the chain below and its
 * own diff id (OCI image spec, config). An engine keeps a layer per chain id, so the same diff on another base is another layer.
 */
export const chainIds = (diffIds: readonly string[]): readonly string[] => {
  const chains: string[] = [];
  for (const diffId of diffIds) {
    const below = chains.at(-1);
    chains.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`));
  }
  return chains;
};

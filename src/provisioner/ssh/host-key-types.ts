import type { ServerHostKeyAlgorithm } from 'ssh2';

/** The algorithms of each type of host key that is good today, best first: RSA keys sign in two ways (RFC 8332). */
const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** What to ask a host for: the types that are known of it first, as a host with several keys shows the first one asked for. */
export const hostKeyAlgorithms = (known: readonly string[] = []): ServerHostKeyAlgorithm[] => [
  ...new Set([...known, ...Object.keys(ALGORITHMS)].flatMap(type => ALGORITHMS[type] ?? [])),
];

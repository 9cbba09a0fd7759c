import { createHash } from 'node:crypto';

/** The key by which a host proves who it is. */
export type HostKey = {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`. */
  readonly type: string;
  /** As ssh prints it: `SHA256:` and 43 characters. */
  readonly fingerprint: string;
  /** The key itself; known_hosts has it in base64. */
  readonly blob: Buffer;
};

/** The host is not who it should be, or nobody can tell. `message` says what to do. */
export class HostKeyError extends Error {
  override readonly name = 'HostKeyError';
}

/** Reads a key as it comes over the wire (RFC 4253, 6.6): its type first, with the length in front. */
export const parseHostKey = (blob: Buffer): HostKey => ({
  type: blob.toString('latin1', 4, 4 + blob.readUInt32BE(0)),
  fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
  blob,
});

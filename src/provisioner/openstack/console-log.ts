/** What the console of a server tells: its host keys, which cloud-init prints, and why it did not boot. */
import { type HostKey, parseHostKey } from '../ssh/host-key.ts';

/** A host key as far as the console shows it. */
export type ShownKey = Pick<HostKey, 'type' | 'fingerprint'>;

const KEYS = /BEGIN SSH HOST KEY KEYS-----(.*?)-----END SSH HOST KEY KEYS/gs;
const FINGERPRINTS = /BEGIN SSH HOST KEY FINGERPRINTS-----(.*?)-----END SSH HOST KEY FINGERPRINTS/gs;

/** `ssh-keygen -l` names key types its own way. */
const TYPES: Readonly<Record<string, string>> = {
  ED25519: 'ssh-ed25519',
  RSA: 'ssh-rsa',
  '256 ECDSA': 'ecdsa-sha2-nistp256',
  '384 ECDSA': 'ecdsa-sha2-nistp384',
  '521 ECDSA': 'ecdsa-sha2-nistp521',
};

/** The host keys of the last boot; none: the console has not shown them yet, or never will. */
export const hostKeysIn = (log: string): readonly ShownKey[] => [...keysIn(log), ...fingerprintsIn(log)];

const keysIn = (log: string): readonly ShownKey[] =>
  [...lastOf(log, KEYS).matchAll(/(?:ssh-|ecdsa-)[\w-]+ (AAAA[\w+/=]+)/g)].map(([, key]) => {
    const { type, fingerprint } = parseHostKey(Buffer.from(key ?? '', 'base64'));
    return { type, fingerprint };
  });

const fingerprintsIn = (log: string): readonly ShownKey[] =>
  [...lastOf(log, FINGERPRINTS).matchAll(/(\d+) (SHA256:[\w+/]{43}).*\((\w+)\)/g)].flatMap(([, bits, fingerprint = '', name]) => {
    const type = TYPES[`${name}`] ?? TYPES[`${bits} ${name}`];
    return type === undefined ? [] : [{ type, fingerprint }];
  });

const lastOf = (log: string, block: RegExp): string => [...log.matchAll(block)].at(-1)?.[1] ?? '';

/** The last lines with text in them, without what a terminal would make of them. */
export const lastLines = (log: string, count: number): readonly string[] =>
  log
    // biome-ignore lint/suspicious/noControlCharactersInRegex: boot loaders and systemd paint.
    .replace(/\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f]/g, '')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .slice(-count);

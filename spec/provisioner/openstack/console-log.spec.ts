import { describe, expect, it } from 'vitest';
import { hostKeysIn, lastLines } from '../../../src/provisioner/openstack/console-log.ts';

const ED25519 = { type: 'ssh-ed25519', fingerprint: 'SHA256:Q8WTTxFTaHRlncszErF8mr1XzMCmQFxqrxhg22ZGQqY' };

describe('the console of a server', () => {
  it('shows host keys as cloud-init prints them, fingerprints and keys', () => {
    const log = `
[   20.1] cloud-init[700]: Cloud-init v. 22.4.2 running
<14>Nov 23 20:40:01 cloud-init: #############################################################
<14>Nov 23 20:40:01 cloud-init: -----BEGIN SSH HOST KEY FINGERPRINTS-----
<14>Nov 23 20:40:01 cloud-init: 1024 SHA256:dqbcJJfrHNuBF7FBKfXZQVlYSNHVEBFmBGZcmwXb1cE root@node (DSA)
<14>Nov 23 20:40:01 cloud-init: 256 SHA256:NcJLGb0hbEBYqsRYqlkNTO0AZn7DQEPQFGs1eFw1hCc root@node (ECDSA)
<14>Nov 23 20:40:01 cloud-init: 256 ${ED25519.fingerprint} root@node (ED25519)
<14>Nov 23 20:40:01 cloud-init: -----END SSH HOST KEY FINGERPRINTS-----
-----BEGIN SSH HOST KEY KEYS-----
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl root@node
-----END SSH HOST KEY KEYS-----
`;
    const shown = hostKeysIn(log);
    expect(shown).toContainEqual(ED25519);
    expect(shown).toContainEqual({
      type: 'ecdsa-sha2-nistp256',
      fingerprint: 'SHA256:NcJLGb0hbEBYqsRYqlkNTO0AZn7DQEPQFGs1eFw1hCc',
    });
    expect(shown).toContainEqual({ type: 'ssh-ed25519', fingerprint: expect.stringMatching(/^SHA256:[\w+/]{43}$/) });
    expect(shown).toHaveLength(3);
  });

  it('shows those of the last boot, and none before they are all there', () => {
    const block = (fingerprint: string) =>
      `-----BEGIN SSH HOST KEY FINGERPRINTS-----\n256 ${fingerprint} x (ED25519)\n-----END SSH HOST KEY FINGERPRINTS-----\n`;
    const old = ED25519.fingerprint.replace('Q8', 'A0');
    expect(hostKeysIn(block(old) + block(ED25519.fingerprint))).toEqual([ED25519]);
    expect(hostKeysIn(block(ED25519.fingerprint).slice(0, 90))).toEqual([]);
  });

  it('is read without what it does to a terminal', () => {
    expect(lastLines('\u001b[2Jfirst\r\n\r\n\u001b[0;32m[  OK  ]\u001b[0m second\r\n   \nthird', 2)).toEqual([
      '[  OK  ] second',
      'third',
    ]);
  });
});

import ssh2 from 'ssh2';
import { expect, it } from 'vitest';
import { newPrivateKey } from '../../../src/provisioner/openstack/keypair.ts';

it('every key that is made can be used, also the one in 256 that ssh2 spoils', () => {
  const data = Buffer.from('whatever');
  for (let made = 0; made < 1_500; made++) {
    const key = ssh2.utils.parseKey(newPrivateKey());
    if (key instanceof Error) throw key;
    expect(key.verify(data, key.sign(data) as Buffer)).toBe(true);
  }
});

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { trustAuthority } from '../../../src/provisioner/openstack/certificate-authority.ts';
import { realClock } from '../../../src/provisioner/openstack/clock.ts';
import { createSend } from '../../../src/provisioner/openstack/http.ts';
import { silentLog } from '../../rpc/silent-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

// Of nobody: made for this spec, for localhost, by its own authority, for a hundred years.
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgT/ZdFEchVKe+JQwo
H8MygKy+/DhDGO31h/B/mleBv8ehRANCAATfHjqUotbJnWw9ERKd55FY0/9/NVNk
V7OSwE/wWzD0bbClB0oiWUxKcLpiaDGSYYBvCoYvTKFrBVLcUvgvQ/sh
-----END PRIVATE KEY-----`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUL9WRtmQNdjCORME17VoUrU0zJzUwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzIxMTk0NloYDzIxMjYxMDMw
MjExOTQ2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATfHjqUotbJnWw9ERKd55FY0/9/NVNkV7OSwE/wWzD0bbClB0oiWUxK
cLpiaDGSYYBvCoYvTKFrBVLcUvgvQ/sho2kwZzAdBgNVHQ4EFgQUX/IoZwiaSRug
od+6YMjtrxqjkYUwHwYDVR0jBBgwFoAUX/IoZwiaSRugod+6YMjtrxqjkYUwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIgbcH48kumvi/y8YpZVKL3Wrhh/Op2JP7drkVj4dB95C0CIQDOMYJQdMwx
bH+BCtz/HfZysRSYOHfJvKABc6wmsfnShw==
-----END CERTIFICATE-----`;

it('asks a cloud with an authority of its own once that is named, and says how before', async () => {
  await using folder = await temporaryFolder();
  const cloud = createServer({ key: KEY, cert: CERTIFICATE }, (_request, answer) => answer.end('{"version":"v3"}')).listen(0);
  await once(cloud, 'listening');
  const url = new URL(`https://localhost:${(cloud.address() as AddressInfo).port}/v3`);
  const send = createSend({ clock: realClock, log: silentLog });
  const ask = () => send({ method: 'GET', url, headers: {}, body: null, repeatable: true }, new AbortController().signal);

  await expect(ask()).rejects.toThrow(/is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\): name its authority with OS_CACERT$/);
  const file = join(folder.path, 'authority.pem');
  expect(() => trustAuthority(file)).toThrow(`OS_CACERT: no certificate can be read from ${file}: ENOENT`);
  await writeFile(file, CERTIFICATE);
  trustAuthority(file);
  expect((await ask()).body).toEqual({ version: 'v3' });
  cloud.closeAllConnections();
  cloud.close();
});

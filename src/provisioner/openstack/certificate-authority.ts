import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/**
 * Trusts a cloud's own certificate authority, beside those that Node knows. In the whole process, as `fetch` can't be told for one
 * request; the cloud is the only one that this process asks over TLS.
 */
export const trustAuthority = (file: string): void => {
  try {
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(file, 'utf8')]);
  } catch (cause) {
    throw new Error(`OS_CACERT: no certificate can be read from ${file}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
};

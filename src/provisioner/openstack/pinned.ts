import type { Log } from '../../base/log.ts';
import { type HostKey, HostKeyError } from '../ssh/host-key.ts';
import type { ShownKey } from './console-log.ts';

/**
 * Trusts a server's host key when it is the one that it was known by. `null`: that is not known any more; the key that it shows now is
 * pinned, and the log says so.
 */
export const pinnedTo = (
  known: ShownKey | null,
  server: string,
  pin: (key: ShownKey) => Promise<void>,
  log: Log,
): ((key: HostKey) => Promise<void>) => {
  let pinned = known;
  return async ({ type, fingerprint }) => {
    if (pinned === null) {
      log.warn(
        { server, hostKey: fingerprint },
        'which host key the server had is not known any more: trusting the one it shows now',
      );
      pinned = { type, fingerprint };
      await pin(pinned);
    }
    if (pinned.fingerprint === fingerprint) return;
    throw new HostKeyError(
      `the host key of server ${server} changed from ${pinned.fingerprint} to ${fingerprint}: who answers may be somebody else. ` +
        'Delete the server in the cloud if you do not know why',
    );
  };
};

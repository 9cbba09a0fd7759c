import { NEVER } from 'rxjs';
import type { AlfredClient } from '../../../src/rpc/client-port.ts';

const unexpected = (call: string) => (): never => {
  throw new Error(`this spec expects no call of ${call}`);
};

/** A server's client that knows nothing but what the spec says; any other call is a mistake. */
export const fakeClient = (calls: Partial<AlfredClient> = {}): AlfredClient => ({
  ping: unexpected('ping'),
  uploadImage: unexpected('uploadImage'),
  scheduleJob: unexpected('scheduleJob'),
  rerunJob: unexpected('rerunJob'),
  watchJob: () => NEVER,
  watchJobs: unexpected('watchJobs'),
  listJobs: unexpected('listJobs'),
  watchStatus: unexpected('watchStatus'),
  cancelJob: unexpected('cancelJob'),
  cancelRest: unexpected('cancelRest'),
  cancelTask: unexpected('cancelTask'),
  downloadArtifact: unexpected('downloadArtifact'),
  readLogs: unexpected('readLogs'),
  exec: unexpected('exec'),
  close: async () => undefined,
  ...calls,
});

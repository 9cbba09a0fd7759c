/** The client's gRPC side: an {@link AlfredClient} that speaks to a server of any version. */
import { credentials } from '@grpc/grpc-js';
import type { JobId } from '../domain/names.ts';
import { ask, read, watch } from './client-calls.ts';
import { execute } from './client-exec.ts';
import type { AlfredClient } from './client-port.ts';
import { decodeLogPiece } from './codec/log-chunk.ts';
import { decodeJobStatus, decodeStatus } from './codec/status.ts';
import { encodeRerun, encodeSubmission } from './codec/submission.ts';
import type { Peer } from './codes.ts';
import { AlfredClient as GrpcClient } from './generated/alfred.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { upload } from './upload.ts';

/** Who to talk to. */
export type ClientTarget = {
  /** `host:port`, or `unix:PATH`. */
  readonly address: string;
  /** What messages call the server, where the address is only the near end of a tunnel. @default the address */
  readonly name?: string;
  /** What a tunnel on the way has to say when the server can't be reached; `null`: nothing. */
  readonly trouble?: () => string | null;
};

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]):\d+$/;

const channelOptions = (address: string) => ({
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  // A server that vanished is noticed after this; servers in Go cut off whoever asks more often than every five minutes.
  'grpc.keepalive_time_ms': 5 * 60_000 + 1_000,
  'grpc.keepalive_timeout_ms': 20_000,
  // Callers come again by themselves: the channel must be ready when they do.
  'grpc.initial_reconnect_backoff_ms': 500,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // Enough to download 25 MB/s from 40 ms away, little enough that a slow line is not full of states that have passed.
  'grpc-node.flow_control_window': 1 << 20,
  // Books on every call that nobody reads.
  'grpc.enable_channelz': 0,
  // Messages are not kept to be sent again: an upload's chunks would fill the memory.
  'grpc.enable_retries': 0,
  // No look-up of a service config in the DNS.
  'grpc.service_config_disable_resolution': 1,
  // Proxies of the environment are for the outside world.
  ...(LOOPBACK.test(address) ? { 'grpc.enable_http_proxy': 0 } : {}),
});

/** How long a server may take to answer. Cancelling waits for containers to go: SIGTERM, grace, SIGKILL. */
const DEADLINE_MS = { ping: 10_000, list: 60_000, schedule: 60_000, cancel: 120_000 } as const;

/** Talks to a server; the connection is made with the first call, and made again when it broke. Never throws. */
export const connectClient = ({ address, name = address, trouble = () => null }: ClientTarget): AlfredClient => {
  const grpc = new GrpcClient(address, credentials.createInsecure(), channelOptions(address));
  const peer: Peer = { name, trouble };
  return {
    ping: signal => ask(peer, grpc.ping.bind(grpc), {}, DEADLINE_MS.ping, signal),

    uploadImage: (imageId, archive, signal) => upload(peer, () => grpc.loadImage(), imageId, archive, signal),

    scheduleJob: async (submission, signal) => {
      const { name } = await ask(peer, grpc.scheduleJob.bind(grpc), encodeSubmission(submission), DEADLINE_MS.schedule, signal);
      return name as JobId;
    },

    rerunJob: async (jobId, request, signal) => {
      const { name } = await ask(peer, grpc.rerunJob.bind(grpc), encodeRerun(jobId, request), DEADLINE_MS.schedule, signal);
      return name as JobId;
    },

    watchJob: jobId =>
      watch(
        peer,
        () => grpc.watchJob({ name: jobId }),
        decodeJobStatus,
        job => job.completedAt !== null,
      ),

    watchJobs: () =>
      watch(
        peer,
        () => grpc.watchJobs({}),
        ({ jobs }) => jobs.map(decodeJobStatus),
        () => false,
      ),

    listJobs: async ({ namePart = '', ...query }, signal) => {
      const { jobs } = await ask(peer, grpc.listJobs.bind(grpc), { ...query, namePart }, DEADLINE_MS.list, signal);
      return jobs.map(decodeJobStatus);
    },

    watchStatus: () =>
      watch(
        peer,
        () => grpc.watchStatus({}),
        decodeStatus,
        () => false,
      ),

    cancelJob: async (name, signal) => {
      await ask(peer, grpc.cancelJob.bind(grpc), { name }, DEADLINE_MS.cancel, signal);
    },

    cancelRest: async (name, signal) => {
      await ask(peer, grpc.cancelJob.bind(grpc), { name, spareKept: true }, DEADLINE_MS.cancel, signal);
    },

    cancelTask: async (job, task, signal) => {
      await ask(peer, grpc.cancelTask.bind(grpc), { job, task }, DEADLINE_MS.cancel, signal);
    },

    downloadArtifact: (job, task, signal) =>
      read(
        peer,
        () => grpc.downloadArtifact({ job, task }),
        (_chunk, bytes) => bytes,
        signal,
      ),

    readLogs: (job, task, { tailLines, follow, seen = [] }, signal) =>
      read(peer, () => grpc.streamTaskLogs({ job, task, tailLines, follow, seen: [...seen] }), decodeLogPiece, signal),

    exec: (request, ends, signal) => execute(peer, () => grpc.exec(), request, ends, signal),

    close: async () => grpc.close(),
  };
};

/** The server's gRPC side: listens, translates, stops. What it serves is an {@link AlfredService}; it knows nothing else of Alfred. */
import { Server } from '@grpc/grpc-js';
import type { Log } from '../base/log.ts';
import { HealthService } from './generated/grpc/health/v1/health.ts';
import { ServerReflectionService } from './generated/grpc/reflection/v1/reflection.ts';
import { definition, handlers } from './handlers.ts';
import { healthHandlers } from './health.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { listen } from './listen.ts';
import { widenReceiveWindows } from './receive-window.ts';
import { reflectionHandlers } from './reflection.ts';
import type { AlfredService } from './service.ts';

const OPTIONS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  // A client whose machine went to sleep or off the net is let go within 40 s.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
} as const;

export type RpcServerOptions = {
  readonly service: AlfredService;
  /** `host:port` (no host: all interfaces; port 0: any free one), or `unix:PATH`. */
  readonly listen: string;
  readonly log: Log;
};

export type RpcServer = {
  /** What {@link RpcServerOptions.listen} came to, with the real port. */
  readonly address: string;
  /** Takes no new calls, lets go of the watchers, waits for the other calls, and cuts those off that still last after `graceMs`. */
  stop(graceMs: number): Promise<void>;
};

/** Serves, health checks and reflection included; resolves when it listens. Rejects with `ListenError` where it can't. */
export const startRpcServer = async ({ service, listen: address, log }: RpcServerOptions): Promise<RpcServer> => {
  const stopping = new AbortController();
  const server = new Server(OPTIONS);
  server.addService(definition, handlers({ service, log, stopping: stopping.signal }));
  server.addService(HealthService, healthHandlers(['proto.Alfred'], stopping.signal));
  server.addService(ServerReflectionService, reflectionHandlers());
  const bound = await listen(server, address);
  const leaveWindows = widenReceiveWindows();
  return {
    address: bound,
    stop: async graceMs => {
      stopping.abort();
      await shutDown(server, graceMs);
      leaveWindows();
    },
  };
};

/** Needs channelz: with `grpc.enable_channelz` off, `forceShutdown` of grpc-js 1.14 knows no connections and ends none. */
const shutDown = (server: Server, graceMs: number): Promise<void> =>
  new Promise(resolve => {
    const force = setTimeout(() => server.forceShutdown(), graceMs);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });

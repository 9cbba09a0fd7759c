/**
 * gRPC's health checks (grpc.health.v1), for probes and load balancers. On generated code: the grpc-health-check package reads
 * its .proto file at run time, and a bundle has none beside it.
 */
import { type ServerWritableStream, status } from '@grpc/grpc-js';
import { signalOf } from './call.ts';
import {
  type HealthCheckRequest,
  type HealthCheckResponse,
  type HealthServer,
  HealthCheckResponse_ServingStatus as Serving,
} from './generated/grpc/health/v1/health.ts';

/** Answers for the services named and, under the empty name, for the server as a whole. All serve until `stopping` aborts. */
export const healthHandlers = (services: readonly string[], stopping: AbortSignal): HealthServer => {
  const names = ['', ...services];
  const current = (): HealthCheckResponse => ({ status: stopping.aborted ? Serving.NOT_SERVING : Serving.SERVING });
  return {
    check: ({ request: { service } }, answer) => {
      if (names.includes(service)) answer(null, current());
      else answer({ code: status.NOT_FOUND, details: `no service ${JSON.stringify(service)} here` });
    },

    list: (_, answer) => answer(null, { statuses: Object.fromEntries(names.map(name => [name, current()])) }),

    watch: (call: ServerWritableStream<HealthCheckRequest, HealthCheckResponse>) => {
      const known = names.includes(call.request.service);
      call.write(known ? current() : { status: Serving.SERVICE_UNKNOWN });
      const gone = signalOf(call);
      const leave = () => {
        if (known && !gone.aborted) call.write(current());
        call.end();
      };
      const over = AbortSignal.any([gone, stopping]);
      if (over.aborted) leave();
      else over.addEventListener('abort', leave);
    },
  };
};

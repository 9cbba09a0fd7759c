import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RemoteHost } from '../engine/ports.ts';

/** An engine that takes longer over a ping is not up yet. */
const PING_LIMIT_MS = 10_000;

/** Resolves when the host's Docker engine answers; rejects with what came instead. */
export const dockerAnswers = async (host: RemoteHost, signal: AbortSignal): Promise<void> => {
  const socket = await host.dialDocker();
  try {
    const status = await ping(socket, AbortSignal.any([signal, AbortSignal.timeout(PING_LIMIT_MS)]));
    if (status !== 200) throw new Error(`Docker on ${host.address} answers a ping with status ${status}`);
  } finally {
    socket.destroy();
  }
};

const ping = (socket: Duplex, signal: AbortSignal): Promise<number> =>
  new Promise((resolve, reject) => {
    request({ path: '/_ping', host: 'docker', createConnection: () => socket, signal }, answer => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

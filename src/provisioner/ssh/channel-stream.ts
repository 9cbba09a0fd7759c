import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';

/**
 * A channel as a stream that behaves like a socket. ssh2's own channels do not: `destroy` takes no error and says nothing, and a
 * broken connection looks like a proper end, so that a cut answer would be taken for a whole one. `lost` aborts when the connection
 * broke; the stream then fails with what `lostError` returns.
 */
export const streamOf = (channel: ClientChannel, lost: AbortSignal, lostError: () => Error): Duplex => {
  const stream = new Duplex({
    read: () => channel.resume(),
    // ssh2 calls back when the window had room for it: this is the backpressure.
    write: (chunk: Buffer, _encoding, done) => void channel.write(chunk, error => done(error)),
    final: done => void channel.end(() => done()),
    destroy: (error, done) => {
      lost.removeEventListener('abort', cut);
      channel.resume();
      channel.close();
      done(error);
    },
  });
  const cut = (): void => void stream.destroy(lostError());
  lost.addEventListener('abort', cut, { once: true });
  channel.on('data', (chunk: Buffer) => {
    if (!stream.destroyed && !stream.push(chunk)) channel.pause();
  });
  channel.once('end', () => stream.push(null));
  // Nobody is there any more to take what waits to be written; what came before can still be read.
  channel.once('close', () => {
    if (stream.readableEnded) stream.destroy();
    else stream.once('end', () => stream.destroy());
  });
  if (lost.aborted) cut();
  return stream;
};

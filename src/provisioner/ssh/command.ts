import { constants } from 'node:os';
import { Readable, Writable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { RemoteCommand } from '../../engine/ports.ts';

/** What is kept of what a command says on stderr: its end, where the reason is. */
const STDERR_LIMIT = 64 * 1024;

/**
 * A session channel on which a command was started, as that command. `lost` aborts when the connection broke: then it ends with code
 * `null`. `abandoned` is called when nobody reads on: the command has no reader any more, and it may never notice.
 */
export const commandOf = (channel: ClientChannel, lost: AbortSignal, abandoned: () => void): RemoteCommand => {
  const stderr = lastBytes(channel.stderr);
  const stdin = stdinOf(channel);
  const stdout = stdoutOf(channel, lost, abandoned);
  const exit: { code: number | null } = { code: null };
  channel.once('exit', (code: number | null, signal?: string) => {
    exit.code = code ?? codeOfSignal(signal);
  });

  const { promise: isLost, resolve: breakOff } = Promise.withResolvers<void>();
  const cut = () => {
    stdout.push(null);
    breakOff();
  };
  lost.addEventListener('abort', cut, { once: true });
  if (lost.aborted) cut();
  const closed = Promise.all([eventOf(channel, 'close'), eventOf(channel.stderr, 'end')]);
  const ended = Promise.race([closed, isLost]).then(() => {
    lost.removeEventListener('abort', cut);
    stdin.destroy();
    return { code: lost.aborted ? null : exit.code, stderr: stderr() };
  });
  return { stdin, stdout, ended };
};

/** As shells have it. Without a code it would look broken off, and be begun anew for as long as something kills it. */
const codeOfSignal = (signal = ''): number => 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);

const eventOf = (emitter: NodeJS.EventEmitter, name: string): Promise<void> =>
  new Promise(resolve => void emitter.once(name, () => resolve()));

const stdinOf = (channel: ClientChannel): Writable => {
  const stdin = new Writable({
    // ssh2 calls back when the window had room for it: this is the backpressure.
    write: (chunk: Buffer, _encoding, done) => void channel.write(chunk, error => done(error)),
    final: done => void channel.end(() => done()),
  });
  // A command may end without having read all: its exit code says what that means, and no writer has to listen for it.
  stdin.on('error', () => undefined);
  return stdin;
};

const stdoutOf = (channel: ClientChannel, lost: AbortSignal, abandoned: () => void): Readable => {
  const stdout = new Readable({
    read: () => void channel.resume(),
    destroy: (error, done) => {
      channel.resume();
      if (!stdout.readableEnded) abandoned();
      done(error);
    },
  });
  channel.on('data', (chunk: Buffer) => {
    // What ssh2 had still buffered when the connection broke comes after the end.
    if (!lost.aborted && !stdout.destroyed && !stdout.push(chunk)) channel.pause();
  });
  channel.once('end', () => stdout.push(null));
  return stdout;
};

/** Reads a stream and keeps its last bytes; returns how to ask for them, as text. */
const lastBytes = (stream: Readable): (() => string) => {
  let kept: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    kept.push(chunk);
    size += chunk.length;
    if (size > 2 * STDERR_LIMIT) {
      kept = [Buffer.concat(kept).subarray(-STDERR_LIMIT)];
      size = STDERR_LIMIT;
    }
  });
  return () => Buffer.concat(kept).subarray(-STDERR_LIMIT).toString();
};

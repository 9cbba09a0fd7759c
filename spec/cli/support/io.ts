/** The process that a command thinks it runs in. */
import { Writable } from 'node:stream';
import { Interruption, type Io, type TerminalStream } from '../../../src/cli/io.ts';

/** A stream like a pipe or a file: no terminal. */
export const openSink = (): { readonly stream: TerminalStream; text(): string } => {
  const chunks: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
};

export type FakeIo = {
  readonly io: Io;
  /** What was written to stdout and, unless it is a terminal, to stderr. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** As Ctrl+C does; the second time it is meant. */
  readonly interrupt: () => void;
};

export const fakeIo = (changes: Partial<Io> = {}): FakeIo => {
  const [stdout, stderr] = [openSink(), openSink()];
  const [signal, hurry] = [new AbortController(), new AbortController()];
  return {
    io: {
      stdout: stdout.stream,
      stderr: stderr.stream,
      env: {},
      cwd: '/',
      signal: signal.signal,
      hurry: hurry.signal,
      ...changes,
    },
    stdout: stdout.text,
    stderr: stderr.text,
    interrupt: () => (signal.signal.aborted ? hurry : signal).abort(new Interruption('interrupted')),
  };
};

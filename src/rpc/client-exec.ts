/** The Exec conversation, the client's half: `start`, then input and output side by side until the exit code comes. */
import type { Readable } from 'node:stream';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { Observable } from 'rxjs';
import type { TerminalSize } from '../domain/exec.ts';
import { type CommandEnds, type ExecClientRequest, ServerUnreachableError } from './client-port.ts';
import { clientErrorOf, type Peer } from './codes.ts';
import type { ExecAnswer, ExecMessage } from './generated/alfred.ts';

type Call = ClientDuplexStream<ExecMessage, ExecAnswer>;

/** Runs a command and resolves with its exit code. Rejects as the client port says, or with the signal's reason. */
export const execute = async (
  peer: Peer,
  open: () => Call,
  { jobId, taskName, command, terminal }: ExecClientRequest,
  ends: CommandEnds,
  signal: AbortSignal,
): Promise<number> => {
  signal.throwIfAborted();
  const call = open();
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel);
  // A cancelled call emits its error even when nobody iterates any more.
  call.on('error', () => undefined);
  const say = (message: ExecMessage['message']): boolean => call.write({ message });
  const start = { job: jobId, task: taskName, command: [...command], terminal: terminal ?? undefined };
  let stopPassing = () => {};
  try {
    say({ $case: 'start', value: start });
    for await (const { message } of call as AsyncIterable<ExecAnswer>) {
      switch (message?.$case) {
        case 'started':
          ends.onStarted();
          stopPassing = pass(call, say, ends);
          break;
        case 'stdout':
        case 'stderr':
          await ends.write({ stream: message.$case, bytes: message.value });
          break;
        case 'exitCode':
          return message.value;
      }
    }
    throw new ServerUnreachableError(`the server at ${peer.name} broke off; is it restarting?`);
  } catch (error) {
    signal.throwIfAborted();
    throw clientErrorOf(error, peer);
  } finally {
    stopPassing();
    signal.removeEventListener('abort', cancel);
    cancel();
  }
};

type Say = (message: ExecMessage['message']) => boolean;

/** Passes input and sizes on, until the function it returns is called. */
const pass = (call: Call, say: Say, { input, size$ }: { readonly input: Readable; readonly size$: Observable<TerminalSize> }) => {
  const sizes = size$.subscribe(size => say({ $case: 'resized', value: size }));
  const onData = (bytes: Buffer): void => {
    if (!say({ $case: 'stdin', value: bytes })) input.pause();
  };
  const onDrain = () => void input.resume();
  // A terminal that went away ends as a file does.
  const onEnd = () => void call.end();
  call.on('drain', onDrain);
  input.on('data', onData).on('end', onEnd).on('error', onEnd);
  return (): void => {
    sizes.unsubscribe();
    call.off('drain', onDrain);
    input.off('data', onData).off('end', onEnd).off('error', onEnd).pause();
  };
};

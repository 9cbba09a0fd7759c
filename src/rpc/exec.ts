/** The Exec conversation, the server's half: `start`, then `started`, input and output side by side, and the exit code. */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { ExecOutput, ExecRequest, RunningCommand } from '../domain/exec.ts';
import { ok, type Result, refuse } from '../domain/refusal.ts';
import { parseTask } from './codec/names.ts';
import type { ExecAnswer, ExecMessage } from './generated/alfred.ts';
import { granted } from './granted.ts';
import type { AlfredService } from './service.ts';
import { sendMessage } from './stream.ts';

type Call = ServerDuplexStream<ExecMessage, ExecAnswer>;
type Messages = AsyncIterator<ExecMessage> & AsyncIterable<ExecMessage>;

/**
 * Holds the conversation. Neither side's bytes pile up: input is read as the command takes it, output as the client does. However it
 * ends, nothing that was started goes on without a client.
 */
export const exec = async (service: AlfredService, call: Call, signal: AbortSignal): Promise<void> => {
  const over = new AbortController();
  try {
    await converse(service, call, AbortSignal.any([signal, over.signal]));
  } finally {
    over.abort();
  }
};

const converse = async (service: AlfredService, call: Call, signal: AbortSignal): Promise<void> => {
  const messages: Messages = call.iterator({ destroyOnReturn: false });
  const request = granted(await readStart(messages));
  const command = granted(await service.exec(request, signal));
  const send = (message: ExecAnswer['message']): Promise<void> => sendMessage(call, { message }, signal);

  await send({ $case: 'started', value: {} });
  const input = passInput(messages, command);
  const output = passOutput(command, send);
  // The input may never end; of the two, only its faults are waited for.
  await Promise.race([output, input.then(() => output)]);
  if (signal.aborted) return;

  const end = await command.ended();
  if (end.type === 'containerEnded')
    granted(
      refuse(
        'notRunning',
        `the step that ran in ${request.taskName}, or what was kept of it, ended, and what was run beside it with it`,
      ),
    );
  else await send({ $case: 'exitCode', value: end.code });
  call.end();
};

const readStart = async (messages: Messages): Promise<Result<ExecRequest>> => {
  const { value, done } = await messages.next();
  if (done) return refuse('invalid', 'Exec starts with start, but the stream ended without a message');
  const { message } = value;
  if (message?.$case !== 'start')
    return refuse('invalid', `Exec starts with start, not with ${message?.$case ?? 'an empty message'}`);
  const { command, terminal } = message.value;
  const task = parseTask(message.value);
  return task.ok ? ok({ ...task.value, command, terminal: terminal ?? null }) : task;
};

const passInput = async (messages: Messages, command: RunningCommand): Promise<void> => {
  for await (const { message } of messages) {
    switch (message?.$case) {
      case 'stdin':
        await command.write(message.value);
        break;
      case 'resized':
        await command.resize(message.value);
        break;
      default:
        granted(refuse('invalid', `after start come stdin and resized, not ${message?.$case ?? 'an empty message'}`));
    }
  }
  command.endInput();
};

const passOutput = async (
  { output }: RunningCommand,
  send: (message: NonNullable<ExecAnswer['message']>) => Promise<void>,
): Promise<void> => {
  for await (const { stream, bytes } of output) await send(outputMessage(stream, bytes));
};

const outputMessage = (stream: ExecOutput['stream'], bytes: Uint8Array): NonNullable<ExecAnswer['message']> => ({
  $case: stream,
  value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
});

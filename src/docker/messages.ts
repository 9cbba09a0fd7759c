import { EngineError } from './errors.ts';
import { chunksOf } from './stream.ts';

/** A line of the engine's answer to a pull or a load. */
export type EngineMessage = {
  readonly status?: string;
  readonly id?: string;
  readonly stream?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
};

/** The messages of an answer, one JSON document a line. Such answers begin with 200: a failure comes as a message, and is thrown. */
export async function* readMessages(what: string, answer: AsyncIterable<Buffer>): AsyncGenerator<EngineMessage> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunksOf(what, answer)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield checked(what, line);
  }
  if (rest.trim() !== '') yield checked(what, rest);
}

const checked = (what: string, line: string): EngineMessage => {
  const message = JSON.parse(line) as EngineMessage;
  const failure = message.errorDetail?.message ?? message.error;
  if (failure !== undefined) throw new EngineError(`${what}: ${failure.trim()}`);
  return message;
};

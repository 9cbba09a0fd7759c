import { EventEmitter } from 'node:events';
import type { CallEnding } from '../../src/rpc/codes.ts';

/**
 * The server's end of a call to a client that reads when the spec says so: `write` says that there is no room, and a message counts
 * as taken when `read` lets it go.
 */
export class FakeCall<Message> extends EventEmitter {
  readonly cancelled = false;
  readonly written: Message[] = [];
  ending: CallEnding | 'OK' | null = null;
  readonly #waiting: (() => void)[] = [];

  constructor() {
    super();
    this.on('error', (ending: CallEnding) => {
      this.ending = ending;
    });
  }

  write(message: Message, flushed: () => void): boolean {
    this.written.push(message);
    this.#waiting.push(flushed);
    return false;
  }

  end(): void {
    this.ending ??= 'OK';
  }

  /** The client reads all that was sent so far. */
  read(): void {
    for (const flushed of this.#waiting.splice(0)) flushed();
  }

  /** The client went away. */
  leave(): void {
    this.emit('cancelled');
    this.emit('close');
  }
}

/** A client that reads whatever comes, at once. */
export class EagerCall<Message> extends FakeCall<Message> {
  override write(message: Message, flushed: () => void): boolean {
    super.write(message, flushed);
    this.read();
    return true;
  }
}

/** A task's log over as many connections as that takes: no byte is lost, and none comes twice. */
import { firstValueFrom, race, type SchedulerLike, timer } from 'rxjs';
import { type LogPiece, type LogPosition, withPosition } from '../../domain/task-log.ts';
import { ServerRefusedError, ServerUnreachableError } from '../../rpc/client-port.ts';
import { aborted } from '../aborted.ts';
import { type Loss, MOST_ATTEMPTS, retryDelayMs } from '../watch/follow.ts';

/** Hears how the connection fares. */
export type ConnectionNotices = {
  lost(loss: Loss): void;
  /** Something came; may be said again and again. */
  alive(): void;
};

export type UnbrokenLogOptions = {
  readonly notices: ConnectionNotices;
  readonly scheduler: SchedulerLike;
  readonly signal: AbortSignal;
};

/**
 * `open` is called anew after each lost connection, with what came so far. Fails with what the server refuses, and with the last
 * {@link ServerUnreachableError} when it stays away, or when it never said where its text stands: such a server can't go on.
 */
export async function* unbrokenLog(
  open: (seen: readonly LogPosition[]) => AsyncIterable<LogPiece>,
  { notices, scheduler, signal }: UnbrokenLogOptions,
): AsyncGenerator<Uint8Array> {
  let seen: readonly LogPosition[] = [];
  let attempts = 0;
  for (;;) {
    try {
      for await (const { data, position } of open(seen)) {
        if (position !== null) seen = withPosition(seen, position);
        else if (seen.length > 0) throw new ServerRefusedError(CANNOT_GO_ON, 'unimplemented');
        attempts = 0;
        notices.alive();
        if (data.length > 0) yield data;
      }
      return;
    } catch (error) {
      if (!(error instanceof ServerUnreachableError) || seen.length === 0 || attempts === MOST_ATTEMPTS) throw error;
      const delayMs = retryDelayMs(attempts);
      attempts += 1;
      notices.lost({ type: 'lost', why: error.message, retryAt: scheduler.now() + delayMs });
      await firstValueFrom(race(timer(delayMs, scheduler), aborted(signal)));
      signal.throwIfAborted();
    }
  }
}

const CANNOT_GO_ON = 'the server that is back is an older one and can not go on in the middle of a log: run the command again';

import { audit, buffer, connect, filter, type Observable, type OperatorFunction } from 'rxjs';

/**
 * Collects what arrives until the end of the turn, and hands it on at once. The first value of a turn asks for its end:
 * nothing is scheduled while nothing arrives.
 */
export const inTurns = <T>(endOfTurn$: Observable<unknown>): OperatorFunction<T, readonly T[]> =>
  connect((shared$: Observable<T>) =>
    shared$.pipe(
      buffer(shared$.pipe(audit(() => endOfTurn$))),
      // The buffer that is open when the source completes may have nothing in it.
      filter(turn => turn.length > 0),
    ),
  );

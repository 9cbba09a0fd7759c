import { timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { inTurns } from '../../src/engine/in-turns.ts';

const marbles: TestScheduler['run'] = body =>
  new TestScheduler((actual, expected) => expect(actual).toStrictEqual(expected)).run(body);

describe('the turns of the loop', () => {
  it('hold everything that came until the end of the turn, in its order', () =>
    marbles(({ hot, expectObservable, time }) => {
      const endOfTurn = time('  ---|');
      const inputs$ = hot('     -ab-----c-----');
      const turns = '           ----x------y--';
      expectObservable(inputs$.pipe(inTurns(timer(endOfTurn)))).toBe(turns, { x: ['a', 'b'], y: ['c'] });
    }));

  it('are never empty, and none is lost when the inputs end in the middle of one', () =>
    marbles(({ hot, expectObservable, time }) => {
      const endOfTurn = time('  ---|');
      const inputs$ = hot('     -a-----b|');
      const turns = '           ----x---(y|)';
      expectObservable(inputs$.pipe(inTurns(timer(endOfTurn)))).toBe(turns, { x: ['a'], y: ['b'] });
    }));

  it('end without another when nothing waits', () =>
    marbles(({ hot, expectObservable, time }) => {
      const endOfTurn = time('  ---|');
      const inputs$ = hot('     -a-----|');
      const turns = '           ----x--|';
      expectObservable(inputs$.pipe(inTurns(timer(endOfTurn)))).toBe(turns, { x: ['a'] });
    }));
});

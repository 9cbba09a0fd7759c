import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFact, decodeSubmission, encodeFact, type Lifts, lift } from '../../src/store/fact-format.ts';
import { submission } from '../support/builders.ts';
import { live, wildWorlds } from '../support/worlds.ts';

describe('a fact', { timeout: 60_000 }, () => {
  it('reads as it was written', () => {
    fc.assert(
      fc.property(wildWorlds, world => {
        for (const fact of live(world).facts) {
          const kept = fact.type === 'jobScheduled' ? fact.submission : submission('nobody', []);
          expect(decodeFact({ seq: 1, ...encodeFact(fact) }, () => kept)).toEqual(fact);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('does not repeat what its job was submitted with', () => {
    const row = encodeFact({
      type: 'jobScheduled',
      at: 5,
      jobId: 'build-red-fox' as never,
      submission: submission('build', [1]),
    });
    expect(row).toEqual({ at: 5, type: 'jobScheduled', version: 1, body: '{"jobId":"build-red-fox"}' });
  });
});

describe('a fact of an older version', () => {
  const lifts: Lifts = [
    // Version 2 counts in milliseconds, version 3 names the node.
    ({ delayS, ...rest }) => ({ ...rest, delayMs: Number(delayS) * 1_000 }),
    older => ({ ...older, nodeId: 'node-1' }),
  ];

  it('is lifted from step to step', () => {
    expect(lift({ delayS: 5 }, 1, lifts)).toEqual({ delayMs: 5_000, nodeId: 'node-1' });
    expect(lift({ delayMs: 7 }, 2, lifts)).toEqual({ delayMs: 7, nodeId: 'node-1' });
    expect(lift({ delayMs: 7, nodeId: 'node-2' }, 3, lifts)).toEqual({ delayMs: 7, nodeId: 'node-2' });
  });

  it('is refused when it is not older but newer', () => {
    expect(() => lift({}, 4, lifts)).toThrow('it has version 4, and this one knows 3');
  });
});

it('a submission of a time when nothing was kept asks for nothing to be kept', () => {
  const { spec, ...rest } = submission('build', [1]);
  const { keepFailedMs: _, ...older } = spec;
  expect(decodeSubmission(1, JSON.stringify({ ...rest, spec: older }))).toEqual(submission('build', [1]));
});

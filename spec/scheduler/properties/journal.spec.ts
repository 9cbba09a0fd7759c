import { expect, it } from 'vitest';
import type { Effect } from '../../../src/scheduler/effect.ts';
import { evolve } from '../../../src/scheduler/evolve.ts';
import type { Input } from '../../../src/scheduler/input.ts';
import { outstanding } from '../../../src/scheduler/outstanding.ts';
import { type Snapshot, snapshotOf, stateOf } from '../../../src/scheduler/snapshot.ts';
import { initialState, type State } from '../../../src/scheduler/state.ts';
import { transition } from '../../../src/scheduler/transition.ts';
import { live } from '../../support/worlds.ts';
import { inCalmWorlds, inEveryWorld, sorted } from './in-every-world.ts';

/** What the inputs come to, one after the other. */
const answersTo = (start: State, inputs: readonly Input[]) => {
  let state = start;
  return inputs.map(input => {
    const { facts, effects, state: next } = transition(state, input);
    state = next;
    return { facts, effects };
  });
};

/** There and back through text, as the store has it. */
const restored = (state: State): State => {
  const snapshot: Snapshot = JSON.parse(JSON.stringify(snapshotOf(state)));
  return stateOf(snapshot, jobId => {
    const job = state.jobs.get(jobId);
    if (job === undefined) throw new Error(`nobody submitted ${jobId}`);
    return job.submission;
  });
};

it('folds the facts to the very state that they came from', () => {
  inEveryWorld(({ facts, turns, state }) => {
    for (const turn of turns) expect(turn.facts.reduce(evolve, turn.before)).toEqual(turn.after);
    expect(snapshotOf(facts.reduce(evolve, initialState))).toEqual(snapshotOf(state));
  });
});

it('answers the same inputs with the same facts and effects', () => {
  inEveryWorld(({ turns }, world) => {
    expect(live(world).turns.map(({ facts, effects }) => ({ facts, effects }))).toEqual(
      turns.map(({ facts, effects }) => ({ facts, effects })),
    );
  });
});

it('goes on from a snapshot as it would have without', () => {
  inEveryWorld(({ turns }) => {
    for (const { before, inputs } of turns) {
      expect(answersTo(restored(before), inputs)).toEqual(answersTo(before, inputs));
    }
  });
});

it('keeps nothing in a snapshot that is not there when it is read', () => {
  inEveryWorld(({ turns }) => {
    for (const { after } of turns) expect(snapshotOf(restored(after))).toEqual(snapshotOf(after));
  });
});

it('knows at any time what should be under way: what it ordered and what has not been answered', () => {
  inCalmWorlds(({ turns }) => {
    let ordered: readonly Effect[] = [];
    for (const { effects, after } of turns) {
      ordered = [...ordered, ...effects].filter(effect => isUnderWay(after, effect));
      const resumed = outstanding(after).filter(({ type }) => type !== 'connectNode');
      expect(sorted(resumed.map(text))).toEqual(sorted(new Set(ordered.map(text))));
    }
  });
});

it('connects every node that is online again, before a task runs on', () => {
  inEveryWorld(({ turns }) => {
    for (const { after } of turns) {
      const types = outstanding(after).map(({ type }) => type);
      expect(types.filter(type => type === 'connectNode')).toHaveLength(
        after.nodes.filter(node => node.state === 'online').length,
      );
      expect(types.lastIndexOf('connectNode')).toBeLessThan(types.includes('runTask') ? types.indexOf('runTask') : types.length);
    }
  });
});

/** Whether an effect that was ordered has had no answer in this state. */
const isUnderWay = (state: State, effect: Effect): boolean => {
  const node = 'nodeId' in effect ? state.nodes.find(({ id }) => id === effect.nodeId) : undefined;
  const task = [...state.tasks.values()].find(({ jobId, index }) =>
    effect.type === 'runTask'
      ? jobId === effect.run.jobId && index === effect.run.index
      : effect.type === 'stopTask' && jobId === effect.jobId && index === effect.index,
  );
  switch (effect.type) {
    case 'provisionNode':
      return node?.state === 'provisioning';
    case 'terminateNode':
      return node?.state === 'terminating' && node.attempt === effect.attempt && node.retryAt === null;
    case 'runTask':
      return task !== undefined && task.kept === null;
    case 'stopTask':
      return task !== undefined && task.kept === null && task.stop === effect.reason;
    default:
      return false;
  }
};

const text = (effect: Effect): string => JSON.stringify(effect);

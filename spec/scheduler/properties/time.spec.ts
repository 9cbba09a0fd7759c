import { expect, it } from 'vitest';
import type { Input } from '../../../src/scheduler/input.ts';
import { nextDue } from '../../../src/scheduler/next-due.ts';
import { transition } from '../../../src/scheduler/transition.ts';
import type { Turn } from '../../support/worlds.ts';
import { inEveryWorld, steps } from './in-every-world.ts';

/** What a tick at this time does after the turn. */
const tickAt = ({ after }: Turn, at: number): ReturnType<typeof transition> => transition(after, { type: 'tick', at });

/** What an effect comes to. Whether a node can be reached changes to and fro, so that is none. */
const isAnswer = ({ type }: Input): boolean =>
  type === 'taskEnded' || (type.startsWith('node') && type !== 'nodeUnreachable' && type !== 'nodeReachable');

it('settles everything in one pass: a second tick does nothing', () => {
  inEveryWorld(({ turns }) => {
    for (const turn of turns) {
      const second = tickAt(turn, turn.at);
      expect(second.facts).toEqual([]);
      expect(second.effects).toEqual([]);
      expect(second.state).toBe(turn.after);
    }
  });
});

it('is woken in time, and never for nothing', () => {
  inEveryWorld(({ turns }) => {
    for (const turn of turns) {
      const due = nextDue(turn.after);
      if (due === null) {
        expect(tickAt(turn, turn.at + 10 ** 12).facts).toEqual([]);
      } else {
        expect(due).toBeGreaterThan(turn.at);
        expect(tickAt(turn, due - 1).facts).toEqual([]);
        expect(tickAt(turn, due).facts).not.toEqual([]);
      }
    }
  });
});

it('starts tasks on one node no faster than the startup delay', () => {
  inEveryWorld(({ facts }) => {
    for (const { before, fact } of steps(facts)) {
      if (fact.type !== 'taskStarted') continue;
      const last = before.nodes.find(({ id }) => id === fact.nodeId)?.lastStartAt ?? Number.NEGATIVE_INFINITY;
      expect(fact.at - last).toBeGreaterThanOrEqual(before.config.taskStartupDelayMs);
    }
  });
});

it('provisions nodes no faster than the provisioning delay', () => {
  inEveryWorld(({ facts }) => {
    let last = Number.NEGATIVE_INFINITY;
    for (const { before, fact } of steps(facts)) {
      if (fact.type !== 'nodeProvisioning') continue;
      expect(fact.at - last).toBeGreaterThanOrEqual(before.config.provisioningDelayMs);
      last = fact.at;
    }
  });
});

it('lets no task run beyond its time, and ends none before it', () => {
  inEveryWorld(({ turns }) => {
    for (const { at, facts, before, after } of turns) {
      const { taskTimeoutMs } = after.config;
      for (const { startedAt, stop, kept } of taskTimeoutMs === 0 ? [] : after.tasks.values()) {
        if (startedAt !== null && stop === null && kept === null) expect(at - startedAt).toBeLessThan(taskTimeoutMs);
      }
      for (const fact of facts) {
        if (fact.type !== 'taskStopRequested' || fact.reason !== 'timeout') continue;
        const startedAt = before.tasks.get(`${fact.jobId}/${fact.index}` as never)?.startedAt ?? Number.NaN;
        expect(at - startedAt).toBeGreaterThanOrEqual(taskTimeoutMs);
      }
    }
  });
});

it('takes an answer that comes twice as if it came once', () => {
  inEveryWorld(({ turns }) => {
    for (const turn of turns) {
      for (const input of turn.inputs) {
        if (!isAnswer(input)) continue;
        expect(transition(turn.after, input).state).toBe(turn.after);
      }
    }
  });
});

/**
 * Random worlds around the scheduler: users who submit and cancel, nodes that fail to come and to go, tasks that exit, break
 * or run on for ever, answers that come twice, and a server that dies between any two steps. `live` plays the loop with its
 * journal; it judges nothing, the properties do.
 */
import fc from 'fast-check';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import type { SchedulerConfig } from '../../src/scheduler/config.ts';
import type { Effect } from '../../src/scheduler/effect.ts';
import { evolve } from '../../src/scheduler/evolve.ts';
import type { Fact } from '../../src/scheduler/fact.ts';
import type { Input } from '../../src/scheduler/input.ts';
import { nextDue } from '../../src/scheduler/next-due.ts';
import { snapshotOf, stateOf } from '../../src/scheduler/snapshot.ts';
import { initialState, type State } from '../../src/scheduler/state.ts';
import { transition } from '../../src/scheduler/transition.ts';
import { cancels, reachable, shutsDown, submission, submits, type Untimed, unreachable } from './builders.ts';
import { type Chance, dice, upTo } from './chance.ts';
import { type Due, newOutside, type Odds, type Remains } from './outside.ts';

/** What somebody does to the server, some time after the act before. */
export type Act = { readonly afterMs: number } & (
  | { readonly type: 'submit'; readonly widths: readonly number[]; readonly keepFailedMs: number }
  /** `pick` counts back from the newest job. */
  | { readonly type: 'cancelJob'; readonly pick: number; readonly sparesKept: boolean }
  | { readonly type: 'cancelTask'; readonly pick: number; readonly index: number }
  /** Of those online. */
  | { readonly type: 'loseNode'; readonly pick: number }
  /** Of those online: it is cut off, and answers again after so long. What runs there runs on. */
  | { readonly type: 'cutOff'; readonly pick: number; readonly forMs: number }
  /** The server dies in its next turn, before or after the journal has it, and is started again with these flags. */
  | { readonly type: 'crash'; readonly written: boolean; readonly downMs: number; readonly flags: SchedulerConfig }
  | { readonly type: 'shutDown' }
);

type Crash = Extract<Act, { readonly type: 'crash' }>;

export type World = {
  readonly flags: SchedulerConfig;
  readonly acts: readonly Act[];
  /** How often things go wrong, each from 0 to 1. */
  readonly odds: Odds;
  /** Of everything else that is up to chance. */
  readonly seed: number;
};

/** One turn of the loop that the journal has. */
export type Turn = {
  readonly at: number;
  readonly before: State;
  /** With the tick at its end. */
  readonly inputs: readonly Input[];
  readonly facts: readonly Fact[];
  readonly effects: readonly Effect[];
  readonly after: State;
};

/** How a world went, from the first start until nothing was left to happen. */
export type Chronicle = {
  readonly turns: readonly Turn[];
  readonly facts: readonly Fact[];
  readonly state: State;
  readonly remains: Remains;
  /** How often each request was answered, without those whose asker's connection died with the server. */
  readonly answers: ReadonlyMap<number, number>;
};

const delay = fc.constantFrom(0, 100, 1_000, 5_000, 20_000, 60_000, 300_000);

const flags: fc.Arbitrary<SchedulerConfig> = fc.record({
  maxNodes: fc.integer({ min: 1, max: 4 }),
  slotsPerNode: fc.constantFrom(1, 2, 3, 4, 4),
  taskStartupDelayMs: fc.constantFrom(0, 1_000, 30_000),
  taskTimeoutMs: fc.constantFrom(0, 60_000, 600_000),
  provisioningDelayMs: fc.constantFrom(0, 20_000, 20_000, 90_000),
  provisioningFailureCooldownMs: fc.constantFrom(0, 60_000),
  nodeIdleTimeoutMs: fc.constantFrom(0, 0, 45_000),
});

const pick = fc.nat({ max: 3 });

const width = fc.constantFrom(1, 1, 1, 2, 2, 3, 4);

const widths = fc.oneof(
  fc.array(width, { minLength: 1, maxLength: 8, size: 'max' }),
  fc.nat({ max: 12 }).map(count => Array.from({ length: count }, () => 1)),
);

const keepFailedMs = fc.constantFrom(0, 0, 30_000, 900_000);

const submit = fc.record({ type: fc.constant('submit'), afterMs: delay, widths, keepFailedMs });
const cancelJob = fc.record({ type: fc.constant('cancelJob'), afterMs: delay, pick, sparesKept: fc.boolean() });
const cancelTask = fc.record({ type: fc.constant('cancelTask'), afterMs: delay, pick, index: fc.nat({ max: 8 }) });
const loseNode = fc.record({ type: fc.constant('loseNode'), afterMs: delay, pick });
const cutOff = fc.record({ type: fc.constant('cutOff'), afterMs: delay, pick, forMs: delay });
const shutDown = fc.record({ type: fc.constant('shutDown'), afterMs: delay });
const crash = (next: fc.Arbitrary<SchedulerConfig>): fc.Arbitrary<Act> =>
  fc.record({ type: fc.constant('crash'), afterMs: delay, written: fc.boolean(), downMs: delay, flags: next });

const odds: fc.Arbitrary<Odds> = fc.record({
  provisioningFails: fc.constantFrom(0, 0.1, 0.5),
  terminationFails: fc.constantFrom(0, 0.1, 0.7),
  taskBreaks: fc.constantFrom(0, 0.2),
  answerComesTwice: fc.constantFrom(0, 0.3),
});

const seed = fc.nat();

/** Worlds in which the server lives on. */
export const calmWorlds: fc.Arbitrary<World> = fc.record({
  flags,
  acts: fc.array(
    fc.oneof(
      { arbitrary: submit, weight: 6 },
      { arbitrary: cancelJob, weight: 1 },
      { arbitrary: cancelTask, weight: 3 },
      { arbitrary: loseNode, weight: 1 },
      { arbitrary: cutOff, weight: 1 },
    ),
    { maxLength: 20, size: 'max' },
  ),
  odds,
  seed,
});

/** Worlds in which it also dies and is started again, sometimes with other flags, and is shut down at any time. */
export const wildWorlds: fc.Arbitrary<World> = flags.chain(first =>
  fc.record({
    flags: fc.constant(first),
    acts: fc.array(
      fc.oneof(
        { arbitrary: submit, weight: 8 },
        { arbitrary: cancelJob, weight: 1 },
        { arbitrary: cancelTask, weight: 4 },
        { arbitrary: loseNode, weight: 3 },
        { arbitrary: cutOff, weight: 3 },
        { arbitrary: crash(fc.oneof(fc.constant(first), flags)), weight: 4 },
        { arbitrary: shutDown, weight: 1 },
      ),
      { maxLength: 25, size: 'max' },
    ),
    odds,
    seed,
  }),
);

/** Ends what would never end: a bug, told as such. */
const MAX_TURNS = 5_000;

/** Lives a world to its end: until the acts are over, nothing is under way and nothing is due. */
export const live = (world: World): Chronicle => {
  const chance = dice(world.seed);
  const outside = newOutside(world.odds, chance);
  const turns: Turn[] = [];
  const facts: Fact[] = [];
  const answers = new Map<number, number>();
  const acts = [...world.acts];
  let actAt = acts[0]?.afterMs ?? null;
  let submitted = 0;
  let requestId = 0;
  let crashing: Crash | null = null;

  // The process, and its clock.
  let now = 0;
  let state = initialState;
  let agenda: readonly Due[] = [{ at: now, input: { type: 'serverStarted', config: world.flags } }];

  const ask = (make: (requestId: number) => Untimed): readonly Untimed[] => {
    requestId += 1;
    answers.set(requestId, 0);
    return [make(requestId)];
  };

  const anyJob = (pick: number): JobId => `job-${Math.max(0, submitted - 1 - pick)}` as JobId;

  const anyOnline = (pick: number): NodeId | undefined => {
    const online = state.nodes.filter(node => node.state === 'online');
    return online[pick % Math.max(1, online.length)]?.id;
  };

  const play = (act: Act): readonly Untimed[] => {
    switch (act.type) {
      case 'submit':
        submitted += 1;
        return ask(id => submits(`job-${submitted - 1}`, act.widths, id, act.keepFailedMs));
      case 'cancelJob':
        return ask(requestId => ({ type: 'jobCancelled', requestId, jobId: anyJob(act.pick), sparesKept: act.sparesKept }));
      case 'cancelTask':
        return ask(id => cancels(anyJob(act.pick), act.index, id));
      case 'loseNode': {
        const lost = anyOnline(act.pick);
        return lost === undefined ? [] : [outside.lose(lost)];
      }
      case 'cutOff': {
        const cut = anyOnline(act.pick);
        if (cut === undefined) return [];
        agenda = [...agenda, { at: now + act.forMs, input: reachable(cut) }];
        return [unreachable(cut)];
      }
      case 'shutDown':
        return [shutsDown];
      case 'crash':
        crashing = act;
        return [];
    }
  };

  const nextAct = (): readonly Untimed[] => {
    const act = actAt !== null && actAt <= now ? acts.shift() : undefined;
    if (act === undefined) return [];
    actAt = acts[0] === undefined ? null : now + acts[0].afterMs;
    return play(act);
  };

  const arrivals = (): readonly Untimed[] => {
    const arrived = agenda.filter(({ at }) => at <= now).map(({ input }) => input);
    const again = arrived.filter(({ type }) => type !== 'serverStarted' && chance() < world.odds.answerComesTwice);
    agenda = [...agenda.filter(({ at }) => at > now), ...again.map(input => ({ at: now + upTo(90_000, chance), input }))];
    return arrived;
  };

  const perform = (effect: Effect): void => {
    if (effect.type === 'answer') answers.set(effect.requestId, (answers.get(effect.requestId) ?? 0) + 1);
    else agenda = outside.perform(effect, now, agenda);
  };

  const keep = (turn: Turn): void => {
    turns.push(turn);
    facts.push(...turn.facts);
    state = turn.after;
  };

  const restart = ({ downMs, flags: config }: Crash): void => {
    crashing = null;
    for (const [id, count] of answers) if (count === 0) answers.delete(id);
    now += downMs;
    state = restored(facts, chance);
    agenda = [{ at: now, input: { type: 'serverStarted', config } }];
  };

  const takeTurn = (arrived: readonly Untimed[]): void => {
    const turn = turnOf(state, arrived, now);
    if (crashing === null) {
      keep(turn);
      turn.effects.forEach(perform);
    } else {
      if (crashing.written) keep(turn);
      restart(crashing);
    }
  };

  const nextTime = (): number => Math.min(...[...agenda.map(({ at }) => at), nextDue(state), actAt].filter(at => at !== null));

  for (let next = nextTime(); next < Number.POSITIVE_INFINITY; next = nextTime()) {
    if (turns.length === MAX_TURNS) throw new Error(`the world goes on after ${MAX_TURNS} turns`);
    now = Math.max(now, next);
    const arrived = [...arrivals(), ...nextAct()];
    if (arrived.length > 0 || (nextDue(state) ?? Number.POSITIVE_INFINITY) <= now) takeTurn(arrived);
  }
  return { turns, facts, state, answers, remains: outside.remains() };
};

/** All that arrived, with one tick at the end. */
const turnOf = (before: State, arrived: readonly Untimed[], at: number): Turn => {
  const inputs = [...arrived, { type: 'tick' } as const].map((input): Input => ({ ...input, at }));
  const facts: Fact[] = [];
  const effects: Effect[] = [];
  let after = before;
  for (const input of inputs) {
    const next = transition(after, input);
    facts.push(...next.facts);
    effects.push(...next.effects);
    after = next.state;
  }
  return { at, before, inputs, facts, effects, after };
};

/** As a journal restores it: from a snapshot of any time, and the facts since. */
const restored = (facts: readonly Fact[], chance: Chance): State => {
  const covered = upTo(facts.length, chance);
  const snapshot = JSON.stringify(snapshotOf(facts.slice(0, covered).reduce(evolve, initialState)));
  const submissions = new Map(facts.flatMap(fact => (fact.type === 'jobScheduled' ? [[fact.jobId, fact.submission]] : [])));
  const start = stateOf(JSON.parse(snapshot), jobId => submissions.get(jobId) ?? submission('nobody', []));
  return facts.slice(covered).reduce(evolve, start);
};

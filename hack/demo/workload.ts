/** Whom the simulated server works for: a team of an afternoon, its jobs, and what becomes of their tasks. */

import { type Chance, upTo } from '../../spec/support/chance.ts';
import type { JobSpec, Submission, TaskSpec } from '../../src/domain/job.ts';
import { EXIT_SKIPPED, EXIT_WARNING, type TaskResult } from '../../src/domain/task.ts';

type Kind = {
  readonly name: string;
  readonly about: string;
  readonly tasks: readonly TaskSpec[];
  /** How often it is submitted, compared with the others. */
  readonly weight: number;
};

const numbered = (name: string, count: number, slots = 1): readonly TaskSpec[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `${name}-${String(index + 1).padStart(String(count).length, '0')}`,
    slots,
  }));

const named = (slots: number, ...names: readonly string[]): readonly TaskSpec[] => names.map(name => ({ name, slots }));

const KINDS: readonly Kind[] = [
  { name: 'unit', about: 'Unit tests of all packages', tasks: numbered('unit', 48), weight: 6 },
  {
    name: 'integration',
    about: 'Integration tests against real databases',
    tasks: [...numbered('api', 16), ...numbered('billing', 8, 2), ...named(4, 'search-index', 'migrations')],
    weight: 4,
  },
  { name: 'e2e', about: 'The whole product in browsers', tasks: numbered('journey', 120, 2), weight: 1 },
  { name: 'lint', about: 'Types, lint, formatting', tasks: named(1, 'types', 'lint', 'format', 'licences'), weight: 6 },
  {
    name: 'release',
    about: 'Packages and images',
    tasks: named(2, 'linux-x64', 'linux-arm64', 'darwin-arm64', 'docs'),
    weight: 2,
  },
  { name: 'load', about: 'Load tests, one whole node each', tasks: numbered('wave', 5, 8), weight: 1 },
];

const PEOPLE = ['anna', 'björn', 'chloé', '田中', 'dmitri', 'ci-bot', 'ci-bot'] as const;

const pick = <Item>(items: readonly Item[], chance: Chance): Item => {
  const item = items[upTo(items.length - 1, chance)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
};

export const anySubmission = (chance: Chance): Submission => {
  const kind = pick(
    KINDS.flatMap(each => Array.from({ length: each.weight }, () => each)),
    chance,
  );
  const spec: JobSpec = {
    name: kind.name,
    about: kind.about,
    steps: ['sha256:demo'],
    env: [],
    secrets: [],
    services: [],
    tasks: kind.tasks,
    keepFailedMs: 0,
  };
  return {
    spec,
    jobfile: `version: "1"\nname: ${kind.name}\n`,
    commandLine: `alfred run ci/${kind.name}.yaml -p BRANCH=main`,
    startedBy: pick(PEOPLE, chance),
  };
};

/** Milliseconds to the next submission: often enough that tasks queue up, with a lull now and then. */
export const anyPause = (chance: Chance): number => (chance() < 0.9 ? 8_000 + upTo(75_000, chance) : 150_000);

export const anyDurationMs = (chance: Chance): number => 8_000 + upTo(chance() < 0.1 ? 400_000 : 80_000, chance);

/** Most things go well. */
export const anyResult = (chance: Chance): TaskResult => {
  const luck = chance();
  if (luck < 0.9) return { type: 'exited', code: 0 };
  if (luck < 0.93) return { type: 'exited', code: 1 };
  if (luck < 0.95) return { type: 'exited', code: EXIT_WARNING };
  if (luck < 0.98) return { type: 'exited', code: EXIT_SKIPPED };
  if (luck < 0.99) return { type: 'exited', code: 137, reason: 'out of memory' };
  return { type: 'broken', reason: 'service database never got healthy: connection refused' };
};

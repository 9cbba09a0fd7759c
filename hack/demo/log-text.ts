/** The logs that simulated tasks would have written: the same text whenever one asks, growing as time goes by. */

import { dice, upTo } from '../../spec/support/chance.ts';
import type { TaskStatus } from '../../src/domain/status.ts';

const GREEN = '\u001b[32m';
const YELLOW = '\u001b[33m';
const RED = '\u001b[31m';
const DIM = '\u001b[2m';
const BOLD = '\u001b[1m';
const RESET = '\u001b[0m';

const SUBJECTS = [
  'an order',
  'a customer',
  'the basket',
  'an invoice',
  'a voucher',
  'the calendar',
  'a ½ day',
  '日本語の名前',
  'a 🎉 emoji',
] as const;
const VERBS = ['saves', 'refuses', 'rounds', 'shows', 'forgets', 'sends', 'imports', 'merges'] as const;
const WHENS = ['twice', 'without a name', 'after midnight', 'in Zürich', 'for a guest', 'when the disk is full'] as const;

const LINE_EVERY_MS = 700;

const hash = (text: string): number => [...text].reduce((sum, character) => Math.imul(sum, 31) + character.charCodeAt(0), 7);

/** What a task has written until `now`, line by line. */
export const linesUntil = (job: string, task: TaskStatus, now: number): readonly string[] => {
  if (task.startedAt === null) return [];
  const until = task.endedAt ?? now;
  const count = Math.floor((until - task.startedAt) / LINE_EVERY_MS);
  const chance = dice(hash(`${job}/${task.name}`));
  const lines = Array.from({ length: count }, (_, index) => {
    const at = new Date((task.startedAt ?? 0) + index * LINE_EVERY_MS).toISOString();
    return `${at} ${outputLine(index, chance)}`;
  });
  return [`==> ${task.name}-step-0.log <==`, ...lines, ...lastWords(task)];
};

const outputLine = (index: number, chance: () => number): string => {
  const any = <Item>(items: readonly Item[]): Item | undefined => items[upTo(items.length - 1, chance)];
  const sentence = `${any(SUBJECTS)} ${any(VERBS)} ${any(WHENS)}`;
  const luck = chance();
  const took = `${DIM}(${upTo(900, chance)} ms)${RESET}`;
  if (index % 17 === 0) return `${BOLD}▶ suite ${1 + index / 17}${RESET}\t${any(SUBJECTS)}`;
  if (luck < 0.9) return `  ${GREEN}✓${RESET} ${sentence} ${took}`;
  if (luck < 0.97) return `  ${YELLOW}- ${sentence} (skipped)${RESET}`;
  return `  ${RED}✗ ${sentence}${RESET} ${took}: expected 3 to be 4, as the specification of the shop says on page 12, paragraph 4`;
};

const lastWords = ({ state, exitCode, endedAt }: TaskStatus): readonly string[] =>
  endedAt === null
    ? []
    : [`${new Date(endedAt).toISOString()} ${state === 'completed' ? GREEN : RED}${state}, exit code ${exitCode}${RESET}`];

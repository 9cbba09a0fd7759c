/** How far a job is: a bar with a stretch for each kind of task, and their numbers. */
import { amount } from '../base/figures.ts';
import { type Row, type Span, span } from './row.ts';
import { DIM, type Style } from './style.ts';
import { KIND_LOOKS, KINDS, type KindCounts, type TaskKind } from './task-kind.ts';

/** From what is done to what is to come. */
const BAR_ORDER: readonly TaskKind[] = ['completed', 'skipped', 'warning', 'failed', 'timedOut', 'aborted', 'running', 'queued'];

/** `width` columns. Every kind that there is gets at least one column: one failure in a thousand tasks is seen. */
export const progressBar = (counts: KindCounts, width: number): Row => {
  const present = BAR_ORDER.filter(kind => counts[kind] > 0);
  const total = present.reduce((sum, kind) => sum + counts[kind], 0);
  if (total === 0 || width < present.length) return [span('─'.repeat(Math.max(0, width)), DIM)];
  const shares = fairShares(
    present.map(kind => counts[kind]),
    width,
  );
  return present.map((kind, index) => stretch(kind, shares[index] ?? 0));
};

const stretch = (kind: TaskKind, width: number): Span =>
  kind === 'queued' ? span('─'.repeat(width), DIM) : span('━'.repeat(width), KIND_LOOKS[kind].style);

/** `width` dealt out in proportion, one at least to each; what rounding gave too much or too little is the largest one's. */
const fairShares = (parts: readonly number[], width: number): readonly number[] => {
  const total = parts.reduce((sum, part) => sum + part, 0);
  const spare = width - parts.length;
  const shares = parts.map(part => 1 + Math.floor((part / total) * spare));
  const largest = parts.indexOf(Math.max(...parts));
  const missing = width - shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share, index) => (index === largest ? share + missing : share));
};

/** `●4 ✗2 ○8 ✓10`: what there is of each kind. */
export const kindFigures = (counts: KindCounts): Row =>
  KINDS.filter(kind => counts[kind] > 0).flatMap((kind, index) => [
    span(index === 0 ? '' : ' '),
    span(`${KIND_LOOKS[kind].symbol}${amount(counts[kind])}`, emphasised(kind)),
  ]);

/** What went wrong is bold. */
const emphasised = (kind: TaskKind): Style =>
  kind === 'failed' || kind === 'timedOut' ? { ...KIND_LOOKS[kind].style, bold: true } : KIND_LOOKS[kind].style;

import type { Rule } from './rule.ts';

/** Draining is over when no job and no node is left, but those nodes that nothing could end: the next start tries again. */
export const finishDraining: Rule = draft => {
  const { phase, jobs, nodes } = draft.state;
  const over = jobs.isEmpty() && nodes.every(node => node.state === 'failedTerminating');
  if (phase === 'draining' && over) draft.emit({ type: 'drained' });
};

import type { Fact } from '../../../src/scheduler/fact.ts';

/** A queued task, with the slots that it wants. */
export type Entry = { readonly jobId: string; readonly index: number; readonly width: number };

/** The queue as a plain list of tasks: slow and obvious, to hold the scheduler's cursors against. */
export type PlainQueue = {
  take(fact: Fact): void;
  /** Oldest first. */
  queued(): readonly Entry[];
};

export const plainQueue = (): PlainQueue => {
  const all: (Entry & { queued: boolean })[] = [];

  const mark = (jobId: string, from: number, to: number, queued: boolean): void => {
    for (const entry of all) if (entry.jobId === jobId && from <= entry.index && entry.index < to) entry.queued = queued;
  };

  return {
    take: fact => {
      if (fact.type === 'jobScheduled') {
        const { jobId, submission } = fact;
        for (const [index, { slots }] of submission.spec.tasks.entries()) all.push({ jobId, index, width: slots, queued: true });
      }
      if (fact.type === 'taskAssigned') mark(fact.jobId, fact.index, fact.index + 1, false);
      if (fact.type === 'taskReturned') mark(fact.jobId, fact.index, fact.index + 1, true);
      if (fact.type === 'queuedTasksAborted') for (const [from, to] of fact.ranges) mark(fact.jobId, from, to, false);
    },
    queued: () => all.filter(({ queued }) => queued),
  };
};

import type { Submission } from '../../domain/job.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { State } from '../state.ts';
import type { Handler } from './handler.ts';

/** All or nothing: a job that has one impossible task is refused whole. */
export const jobSubmitted: Handler<'jobSubmitted'> = (draft, { requestId, jobId, submission }) => {
  const refusal = refusalOf(draft.state, submission);
  if (refusal === null) draft.emit({ type: 'jobScheduled', jobId, submission });
  draft.order({ type: 'answer', requestId, refusal });
};

const refusalOf = ({ phase, config }: State, { spec }: Submission): Refusal | null => {
  if (phase !== 'open')
    return { type: 'shuttingDown', message: 'the server is shutting down: submit the job again when it is back' };
  if (spec.tasks.length === 0) return { type: 'invalid', message: 'the job has no tasks: give it at least one' };

  const names = new Set<string>();
  for (const { name, slots } of spec.tasks) {
    if (names.has(name)) return { type: 'invalid', message: `two tasks are named "${name}": give each its own name` };
    names.add(name);
    if (!Number.isInteger(slots) || slots < 1) {
      return { type: 'invalid', message: `task "${name}" asks for ${slots} slots: it takes a whole number, at least 1` };
    }
    if (slots > config.slotsPerNode) return tooWide(name, slots, config.slotsPerNode);
  }
  return null;
};

const tooWide = (name: string, slots: number, limit: number): Refusal => ({
  type: 'taskTooWide',
  message: `task "${name}" asks for ${slots} slots, but a node has ${limit}: ask for ${limit} at most, or start the server with more --slots-per-node`,
});

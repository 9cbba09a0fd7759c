import { nearest } from '../base/nearest.ts';
import type { JobStatus, TaskStatus } from '../domain/status.ts';
import { ServerRefusedError } from '../rpc/client-port.ts';

/** The tasks of a job with these names, in this order. Throws, naming all that are not there and what they may have meant. */
export const findTasks = (job: JobStatus, names: readonly string[]): readonly TaskStatus[] => {
  const byName = new Map(job.tasks.map(task => [task.name, task]));
  const unknown = names.filter(name => !byName.has(name));
  if (unknown.length > 0) {
    const guesses = unknown.map(name => describeUnknown(name, nearest(name, byName.keys())));
    throw new ServerRefusedError(`job ${job.name} has no task ${guesses.join(', ')}`, 'notFound');
  }
  return names.flatMap(name => byName.get(name) ?? []);
};

const describeUnknown = (name: string, guess: string | null): string =>
  guess === null ? name : `${name} (did you mean ${guess}?)`;

/** Jobs of all times, read from their rows: memory holds those that somebody asks for, and no others. */
import { setImmediate } from 'node:timers/promises';
import type { Submission } from '../domain/job.ts';
import { scheduledJob } from '../domain/job-status.ts';
import type { JobId } from '../domain/names.ts';
import type { JobStatus } from '../domain/status.ts';
import type { TaskState } from '../domain/task.ts';
import type { Database } from './database.ts';
import { decodeSubmission } from './fact-format.ts';

export type History = {
  /** With what is known of its ended tasks, all others queued; `null`: there is none, or it was forgotten. */
  job(jobId: JobId): JobStatus | null;
  /** What a job was submitted with; `null`: there is none, or it was forgotten. */
  submission(jobId: JobId): Submission | null;
  /** The last ones, oldest end first: of those that ended before a job, and of those that have something in their full name. */
  finishedJobs(query: { readonly limit: number; readonly before?: JobId; readonly namePart?: string }): readonly JobStatus[];
  /** Grows from each job to the one that was submitted next; 0: there never was one of this name. */
  place(jobId: JobId): number;
  /** Whether a job ever had this full name. */
  isKnown(jobId: JobId): boolean;
  /** Forgets finished jobs that ended more than `ageMs` before `now`, all but their names; how many. Yields now and then. */
  forgetOlderThan(ageMs: number, now: number): Promise<number>;
};

type JobRow = {
  readonly number: number;
  readonly id: JobId;
  readonly scheduled_at: number;
  readonly completed_at: number | null;
  readonly version: number;
  readonly submission: string;
};

type EndingRow = {
  readonly first: number;
  readonly after: number;
  readonly state: TaskState;
  readonly exit_code: number | null;
  readonly started_at: number | null;
  readonly ended_at: number;
  readonly reason: string | null;
};

/** Jobs forgotten at a time: the loop of the server waits meanwhile. */
const FORGOTTEN_AT_ONCE = 100;

const JOB = 'SELECT number, id, scheduled_at, completed_at, version, submission FROM job';

export const createHistory = (database: Database): History => {
  const { sqlite, query, attempt, transaction } = database;
  const selectJob = query<JobRow>(`${JOB} WHERE id = ? AND forgotten = 0`);
  const selectFinished = query<JobRow>(
    `${JOB} WHERE completed_seq < coalesce((SELECT completed_seq FROM job WHERE id = ?), 9e18) AND forgotten = 0
       AND instr(id, ?) > 0
     ORDER BY completed_seq DESC LIMIT ?`,
  );
  const selectEndings = query<EndingRow>('SELECT * FROM ending WHERE job = ? ORDER BY first');
  const selectNumber = query<Pick<JobRow, 'number'>>('SELECT number FROM job WHERE id = ?');
  const forgetJobs = query<Pick<JobRow, 'number'>>(
    `UPDATE job SET forgotten = 1 WHERE number IN (
       SELECT number FROM job WHERE completed_seq IS NOT NULL AND forgotten = 0 AND completed_at < ? LIMIT ?
     ) RETURNING number`,
  );
  const deleteEndings = sqlite.prepare('DELETE FROM ending WHERE job = ?');
  // A restart that reads the fact of a job's submission still needs what was submitted.
  const clearSubmissions = sqlite.prepare(
    `UPDATE job SET submission = NULL
     WHERE forgotten = 1 AND submission IS NOT NULL AND completed_seq < (SELECT min(seq) FROM fact)`,
  );

  const toStatus = (row: JobRow): JobStatus => {
    const job = scheduledJob(row.id, decodeSubmission(row.version, row.submission), row.scheduled_at);
    return { ...job, completedAt: row.completed_at, tasks: withEndings(job.tasks, selectEndings.all(row.number)) };
  };

  const place = (jobId: JobId): number => attempt(() => selectNumber.get(jobId)?.number ?? 0);

  const forgetSome = (before: number): number => {
    let count = 0;
    transaction(() => {
      const forgotten = forgetJobs.all(before, FORGOTTEN_AT_ONCE);
      for (const { number } of forgotten) deleteEndings.run(number);
      clearSubmissions.run();
      count = forgotten.length;
    });
    return count;
  };

  return {
    job: jobId =>
      attempt(() => {
        const row = selectJob.get(jobId);
        return row === undefined ? null : toStatus(row);
      }),
    submission: jobId =>
      attempt(() => {
        const row = selectJob.get(jobId);
        return row === undefined ? null : decodeSubmission(row.version, row.submission);
      }),
    finishedJobs: ({ limit, before, namePart = '' }) =>
      attempt(() =>
        selectFinished
          .all(before ?? null, namePart, limit)
          .map(toStatus)
          .reverse(),
      ),
    place,
    isKnown: jobId => place(jobId) > 0,
    forgetOlderThan: async (ageMs, now) => {
      let total = 0;
      for (let count = FORGOTTEN_AT_ONCE; count === FORGOTTEN_AT_ONCE; total += count) {
        await setImmediate();
        count = forgetSome(now - ageMs);
      }
      return total;
    },
  };
};

const withEndings = (tasks: JobStatus['tasks'], endings: readonly EndingRow[]): JobStatus['tasks'] =>
  tasks.withMutations(changed => {
    for (const { first, after, state, exit_code, started_at, ended_at, reason } of endings) {
      const end = { state, exitCode: exit_code, startedAt: started_at, endedAt: ended_at, reason };
      for (let index = first; index < after; index += 1) changed.update(index, task => task && { ...task, ...end });
    }
  });

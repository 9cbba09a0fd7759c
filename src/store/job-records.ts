/** Jobs and the ends of their tasks as rows, written with the facts that they come from. */

import type { Submission } from '../domain/job.ts';
import { taskEnd } from '../domain/job-status.ts';
import type { JobId } from '../domain/names.ts';
import type { Fact, IndexRange } from '../scheduler/fact.ts';
import type { Database } from './database.ts';
import { decodeSubmission, SUBMISSION_VERSION } from './fact-format.ts';

export type JobRecords = {
  /** Writes what a fact says of jobs; within the transaction that writes the fact. `times` of a task that ends with it. */
  record(fact: Fact, seq: number, times: TaskTimes): void;
  /** Of a job that a fact or a snapshot still names. */
  submissionOf(jobId: JobId): Submission;
};

/** What an end does not say of itself. */
export type TaskTimes = {
  readonly startedAt: number | null;
  /** `null` unless it was kept after that. */
  readonly failedAt: number | null;
};

export const createJobRecords = ({ sqlite, query }: Database): JobRecords => {
  const insertJob = sqlite.prepare('INSERT INTO job (id, scheduled_at, version, submission) VALUES (?, ?, ?, ?)');
  const completeJob = sqlite.prepare('UPDATE job SET completed_at = ?, completed_seq = ? WHERE id = ?');
  const selectSubmission = query<{ version: number; submission: string | null }>(
    'SELECT version, submission FROM job WHERE id = ?',
  );
  const insertEnding = sqlite.prepare(
    `INSERT INTO ending (job, first, after, state, exit_code, started_at, ended_at, reason)
     VALUES ((SELECT number FROM job WHERE id = ?), ?, ?, ?, ?, ?, ?, ?)`,
  );

  const end = (jobId: JobId, [first, after]: IndexRange, end: ReturnType<typeof taskEnd>, startedAt: number | null): void => {
    insertEnding.run(jobId, first, after, end.state, end.exitCode, startedAt, end.endedAt, end.reason);
  };

  return {
    record: (fact, seq, { startedAt, failedAt }) => {
      switch (fact.type) {
        case 'jobScheduled':
          insertJob.run(fact.jobId, fact.at, SUBMISSION_VERSION, JSON.stringify(fact.submission));
          break;
        case 'taskEnded':
          end(fact.jobId, [fact.index, fact.index + 1], taskEnd(fact.outcome, failedAt ?? fact.at), startedAt);
          break;
        case 'queuedTasksAborted':
          for (const range of fact.ranges) end(fact.jobId, range, taskEnd({ type: 'aborted' }, fact.at, fact.reason), null);
          break;
        case 'jobCompleted':
          completeJob.run(fact.at, seq, fact.jobId);
          break;
      }
    },
    submissionOf: jobId => {
      const row = selectSubmission.get(jobId);
      if (!row?.submission) throw new Error(`it knows no submission of job ${jobId}`);
      return decodeSubmission(row.version, row.submission);
    },
  };
};

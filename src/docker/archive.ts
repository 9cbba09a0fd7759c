import { type ArtifactStore, NodeGoneError, UnreachableError } from '../engine/ports.ts';
import { messageOf } from './errors.ts';
import type { TaskScope } from './task-scope.ts';

/** An artifact that is not there after this won't be. Counted from the archiving's own beginning: what ended the task does not end it. */
const ARCHIVE_LIMIT_MS = 15 * 60_000;

/**
 * Makes the task's artifact of its output. Never rejects: the task's verdict stands, and its log says why there is no artifact.
 * Begins anew when the connection to the node breaks, as soon as the node is there again, or known to be gone: then there are
 * the logs. That may take as long as it takes; the time limit is that of each attempt.
 */
export const archiveOutput = async (scope: TaskScope, artifacts: ArtifactStore): Promise<void> => {
  const { run, name, fullName, workspace, say, log } = scope;
  const write = () => artifacts.write(run.jobId, name, workspace.pack(fullName, AbortSignal.timeout(ARCHIVE_LIMIT_MS)));
  try {
    await onceReachable(write);
  } catch (error) {
    say(`the artifact could not be made: ${messageOf(error)}`);
    log.error({ err: error }, 'the artifact could not be made');
  }
};

const onceReachable = async (attempt: () => Promise<void>): Promise<void> => {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      await error.reachable().catch(unlessGone);
    }
  }
};

const unlessGone = (error: unknown): void => {
  if (!(error instanceof NodeGoneError)) throw error;
};

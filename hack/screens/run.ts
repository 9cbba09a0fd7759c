/** `alfred run` and `alfred watch` of a job with failures, by the built programs on the real engine. */
import { delimiter } from 'node:path';
import { BIN, startServer } from '../../spec/support/binary.ts';
import { writeJob } from '../../spec/support/job.ts';
import { temporaryFolder } from '../../spec/support/temporary-folder.ts';
import type { Size } from './svg.ts';
import { openPane, type Photograph } from './tmux.ts';

const TASKS = ['lint', 'types', 'docs', 'api-1', 'api-2', 'api-3', 'web-1', 'web-2', 'mobile', 'e2e'] as const;

/** Something of everything: a failure, a warning, a task that is skipped. */
const SCRIPT = `
  say() { echo "$1"; /bin/busybox sleep 0.$2; }
  say "checking $ALFRED_TASK" 5
  case $ALFRED_TASK in
    lint | types) say "nothing to complain about" 2 ;;
    docs) say "2 links are dead" 5; exit 42 ;;
    mobile) say "no change since the last release" 1; exit 43 ;;
    api-2) say "ok    orders > adds up 🎉" 9; say "FAIL  orders > refuses a negative amount" 5; exit 1 ;;
    *) say "ok    $ALFRED_TASK" 9; /bin/busybox sleep 3; say "all fine" 1 ;;
  esac`;

export const shootRuns = async (size: Size, photograph: Photograph): Promise<void> => {
  await using desk = await temporaryFolder();
  await using server = await startServer('--max-nodes', '1', '--slots-per-node', '6', '--task-startup-delay', '100ms');
  await writeJob(desk.path, { name: 'nightly', script: SCRIPT, tasks: TASKS });
  const env = { PATH: `${BIN}${delimiter}${process.env.PATH}`, ALFRED_REMOTE: server.remote };
  await using run = await openPane(size, 'bash --norc', { cwd: desk.path, env });
  await using watch = await openPane(size, 'bash --norc', { cwd: desk.path, env });
  for (const pane of [run, watch]) await pane.enter("PS1='$ '; clear");
  await run.enter('alfred run job.yaml');
  await run.shows(/scheduled nightly/);
  await watch.enter('alfred watch nightly');
  await watch.shows(/failed +api-2/);
  await photograph(watch, 'watch');
  await run.shows(PROMPT);
  await photograph(run, 'run');

  await run.enter('clear; alfred run --keep-failed 15m job.yaml');
  await run.shows(/🔑/u);
  await photograph(run, 'run-kept');
};

/** The one below what a command has written. */
const PROMPT = /\n\$\s*$/;

/** `alfred-server gc`: what the running server does by itself every minute, for when none runs. Called by `main`. */
import { join, resolve } from 'node:path';
import type { Log } from '../base/log.ts';
import { connectEngine } from '../docker/engine.ts';
import { takeOver } from '../docker/take-over.ts';
import type { TaskFullName } from '../domain/names.ts';
import { taskOf } from '../domain/task.ts';
import { runOf, type State } from '../scheduler/state.ts';
import { createArtifactStore } from '../store/artifacts.ts';
import { FolderInUseError, lockFolder } from '../store/lock.ts';
import { isServerData, type Peek, peekJournal } from '../store/peek.ts';
import { createLocalWorkspace } from '../workspace/local.ts';
import { thisUser } from './compose.ts';
import { createRemoteProvisioner, nodesWithMachines, workspaceHere } from './nodes.ts';
import type { ServerOptions } from './options.ts';
import { findLeftovers, type Leftover, removeLeftovers, SWEEP_GRACE_MS, type SweepOptions } from './sweep.ts';

export type GcRequest = {
  /** As the server had them: also which cloud its machines are in. */
  readonly options: ServerOptions;
  /** Only tell; also while a server runs. */
  readonly dryRun: boolean;
  readonly log: Log;
  /** A line a leftover. */
  readonly print: (line: string) => void;
  /** What is to be said besides. */
  readonly note: (line: string) => void;
};

/**
 * Lists or removes what belongs to no live task; returns how many could not be removed. Rejects, with one line, when the folder
 * is no server's, when a server runs that does this itself, and when no engine answers.
 */
export const collectGarbage = async ({ options, dryRun, log, print, note }: GcRequest): Promise<number> => {
  const folder = resolve(options.serverData);
  if (!isServerData(folder)) throw new Error(`--server-data: no server has kept its data in ${folder}`);
  // Held until the end: a server that started now would make tasks live that are not looked at.
  using held = hold(folder);
  if (held.server !== null && !dryRun) throw new Error(`${held.server}; gc --dry-run lists them`);

  using journal = peekJournal(folder, log);
  const docker = await connectEngine();
  const sweepOptions: SweepOptions = {
    docker,
    instance: journal.instance,
    workspace: createLocalWorkspace({
      root: workspaceHere({ ...options, serverData: folder, nodeWorkspace: resolve(options.nodeWorkspace) }),
      takeOver: path => takeOver(docker, journal.instance, path, thisUser()),
    }),
    artifacts: createArtifactStore({ folder: join(folder, 'artifacts') }),
    isKnown: journal.history.isKnown,
    liveTasks: () => liveTasks(journal.state()),
    graceMs: held.server === null ? 0 : SWEEP_GRACE_MS,
  };
  const leftovers = await findLeftovers(sweepOptions);
  const failures = dryRun ? 0 : await removeAll(sweepOptions, leftovers, print, note);
  if (dryRun) for (const leftover of leftovers) print(describe(leftover));
  const machines = await sweepMachines({ options: { ...options, serverData: folder }, dryRun, log }, journal);
  for (const machine of machines) print(dryRun ? machine : `removed ${machine}`);
  if (leftovers.length + machines.length === 0) note('there is nothing that belongs to no live task');
  if (held.server !== null) note(held.server);
  return failures;
};

/** Machines that no node owns, a line each: removed, unless it is a dry run. */
const sweepMachines = async (
  { options, dryRun, log }: Pick<GcRequest, 'options' | 'dryRun' | 'log'>,
  journal: Peek,
): Promise<readonly string[]> => {
  const provisioner = createRemoteProvisioner({ options, instance: journal.instance, log });
  try {
    return (await provisioner?.sweep(nodesWithMachines(journal.state().nodes), { dryRun })) ?? [];
  } finally {
    provisioner?.close();
  }
};

const removeAll = async (
  options: SweepOptions,
  leftovers: readonly Leftover[],
  print: GcRequest['print'],
  note: GcRequest['note'],
): Promise<number> => {
  let failures = 0;
  for await (const { leftover, error } of removeLeftovers(options, leftovers)) {
    if (error === null) {
      print(`removed ${describe(leftover)}`);
      continue;
    }
    failures += 1;
    note(`${describe(leftover)} could not be removed: ${error instanceof Error ? error.message : error}`);
  }
  return failures;
};

/** The folder is ours until the end of the scope; or a server's: what to tell of it. */
const hold = (folder: string): Disposable & { readonly server: string | null } => {
  try {
    const lock = lockFolder(folder);
    return { server: null, [Symbol.dispose]: () => lock[Symbol.dispose]() };
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    const server = `a server${error.pid === null ? '' : ` (pid ${error.pid})`} runs on ${folder}`;
    return {
      server: `${server}: it removes leftovers by itself, at its start and every minute`,
      [Symbol.dispose]: () => {},
    };
  }
};

const liveTasks = (state: State): ReadonlySet<TaskFullName> =>
  new Set([...state.tasks.values()].map(task => taskOf(runOf(state, task)).fullName));

const describe = (leftover: Leftover): string => {
  switch (leftover.type) {
    case 'workspace':
      return `workspace ${leftover.task}`;
    case 'artifact':
      return `half-written artifact ${leftover.path}`;
    default:
      return `${leftover.type} ${leftover.name}`;
  }
};

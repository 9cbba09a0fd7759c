/**
 * What the engine and its neighbours need of the world, each as the role it plays. The adapters stand in the folders of
 * floor 4 and know each other by these types alone; `server/compose` introduces them.
 */
import type { Duplex, Writable } from 'node:stream';
import type { Observable } from 'rxjs';
import type { ExecRequest, RunningCommand } from '../domain/exec.ts';
import type { JobId, NodeId, TaskFullName } from '../domain/names.ts';
import type { Result } from '../domain/refusal.ts';
import type { TaskResult, TaskRun } from '../domain/task.ts';
import type { LogPiece, LogPosition } from '../domain/task-log.ts';
import type { Fact } from '../scheduler/fact.ts';
import type { State } from '../scheduler/state.ts';

/** Runs tasks on nodes. */
export type TaskRunner = {
  /**
   * Runs a task from wherever it stands to its end: a first run makes everything, a run after a crash finds what is there
   * and goes on. Archives the output on every kind of ending. Leaves containers, workspace and network in place: the answer
   * is journalled before they go. Aborting `signal` stops the run within the grace period; the artifact is made all the same.
   * Never rejects: what can't be run is a `broken` result.
   */
  run(run: TaskRun, signal: AbortSignal): Promise<TaskResult>;
  /** Removes what the task left on its node, in reverse order of its making; what is gone already is fine. */
  cleanUp(run: TaskRun): Promise<void>;
};

/** Makes nodes and ends them. Every call may be made again after a crash, for a node that is there already or gone. */
export type Provisioner = {
  /** As the status shows it: `local`, `openstack`, `ssh`. */
  readonly name: string;
  /** Resolves when tasks can run there; rejects with the reason, having removed what it had made. */
  provision(nodeId: NodeId, signal: AbortSignal): Promise<void>;
  /**
   * Takes up a node that was online before a restart; that it answers is news. Rejects with {@link NodeGoneError} when it is known to
   * be gone; after any other failure it is asked again.
   */
  connect(nodeId: NodeId): Promise<void>;
  terminate(nodeId: NodeId): Promise<void>;
  /** What nodes do by themselves. */
  readonly news$: Observable<NodeNews>;
};

/** What a node does by itself. Silence is no loss: an unreachable node may run its tasks on, and be back in a minute. */
export type NodeNews =
  | { readonly type: 'lost'; readonly nodeId: NodeId; readonly why: string }
  | { readonly type: 'unreachable'; readonly nodeId: NodeId; readonly why: string }
  | { readonly type: 'reachable'; readonly nodeId: NodeId };

/** What a node is busy with beside its tasks, for people: `booting`, `waiting for ssh`; `null`: nothing any more. */
export type NodeActivity = { readonly nodeId: NodeId; readonly activity: string | null };

/** A provisioner whose nodes are other machines. */
export type RemoteProvisioner = Provisioner & {
  /**
   * The machine of a node that is provisioned, or being connected again after a restart: then all that is asked of it waits, or
   * fails with {@link UnreachableError}, until it answers. Throws {@link NodeGoneError} for any other node.
   */
  hostOf(nodeId: NodeId): RemoteHost;
  /** What nodes are busy with before they are online. */
  readonly activity$: Observable<NodeActivity>;
  /**
   * Removes what this server's instance made and no live node owns any more. Returns what was removed, a line each; with `dryRun`
   * what would be, and removes nothing.
   */
  sweep(live: ReadonlySet<NodeId>, options?: { readonly dryRun: boolean }): Promise<readonly string[]>;
  /** Closes every connection and leaves the nodes as they are. */
  close(): void;
};

/** A machine at the other end of a connection that may break and is made again; what runs there runs on meanwhile. */
export type RemoteHost = {
  /** As messages name it: `debian@10.77.0.12`. */
  readonly address: string;
  /**
   * Starts a POSIX shell script, whose `docker` talks to the engine of `dialDocker`. Rejects with {@link UnreachableError} while there
   * is no connection; a command under way ends with code `null` when the connection breaks. Aborting `signal` ends it, and what it
   * started.
   */
  run(script: string, signal: AbortSignal): Promise<RemoteCommand>;
  /** A new connection to the socket of its Docker engine. Rejects with {@link UnreachableError} like `run`. */
  dialDocker(): Promise<Duplex>;
};

/** A command on another machine, its streams flowing as fast as they are read. */
export type RemoteCommand = {
  readonly stdin: Writable;
  readonly stdout: AsyncIterable<Uint8Array>;
  /**
   * Settles when it ended and its output was read. `code`: as a shell has it, 128 and more for a signal; `null` when the connection
   * broke, or when it was given up.
   */
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
};

/** There is no connection to a node just now. Its `reachable` says when to try again. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  readonly code = 'EHOSTUNREACH';
  /** Resolves when the node answers again; rejects with {@link NodeGoneError} once it is known to be gone, or when aborted. */
  readonly reachable: (signal?: AbortSignal) => Promise<void>;

  constructor(message: string, reachable: (signal?: AbortSignal) => Promise<void>, options?: ErrorOptions) {
    super(message, options);
    this.reachable = reachable;
  }
}

/** The node does not exist any more: not silence, but knowledge. */
export class NodeGoneError extends Error {
  override readonly name = 'NodeGoneError';
}

/** Keeps the facts. What `append` returned from is there after a crash. */
export type Journal = {
  /** The state that all facts so far fold to; called once, before the first `append`. */
  load(): State;
  /** Makes the facts of one turn durable, all or none. Throws {@link JournalError} when it can't: nothing was written. */
  append(facts: readonly Fact[], after: State): void;
  close(): void;
};

/** The journal can't take anything now (disk full, database gone). The server goes on and tries again. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}

/** One log file of a task while it is written. */
export type LogWriter = {
  /** This call made the file. `false`: an earlier run had opened it, so what it logs had begun. */
  readonly isNew: boolean;
  /** Bytes in the file; grows with every append. A run that goes on after a crash skips this many bytes of the output. */
  readonly size: number;
  /** Resolves when the bytes are in the file, visible to readers. */
  append(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
};

/** Runs commands of people in the containers of tasks. */
export type TaskShell = {
  /**
   * Starts a command in the container of the step that runs now; `notRunning` when none does. Aborting `signal` hangs up: what
   * was started is told to end. Rejects when the engine does not answer.
   */
  open(nodeId: NodeId, request: ExecRequest, signal: AbortSignal): Promise<Result<RunningCommand>>;
  /** The same for a task that failed and is kept: in the files that its last step left, with its environment and its services. */
  openKept(nodeId: NodeId, request: ExecRequest, signal: AbortSignal): Promise<Result<RunningCommand>>;
};

/** Which part of a task's logs to read. */
export type LogQuery = {
  /** Lines from the end of each file; at least 1. */
  readonly tailLines: number;
  /** Goes on with what is written from now on, until `ended` aborts and the rest is read; `null`: what is there, then end. */
  readonly follow: { readonly ended: AbortSignal } | null;
  /**
   * What the reader has seen already, the file that its text stands in last: it goes on from there, `tailLines` or not.
   * @default nothing
   */
  readonly seen?: readonly LogPosition[];
};

/** The files of tasks on one node: `<task full name>/output` and `<task full name>/shared`. */
export type Workspace = {
  /** Makes a task's folders or finds them. Returns the absolute path, on the engine's host, to be bound at `/alfred`. */
  ensure(task: TaskFullName): Promise<string>;
  /** Opens `output/<fileName>` for appending. One writer a file. */
  openLog(task: TaskFullName, fileName: string): Promise<LogWriter>;
  /**
   * The task's logs as `tail -v -n N [-f]` prints them: the step logs in step order, then Alfred's own. Files that come up
   * while following are added. Nothing there yet: says so and waits when following, ends otherwise. Each piece has a position.
   */
  readLogs(task: TaskFullName, query: LogQuery, signal: AbortSignal): AsyncIterable<LogPiece>;
  /** The `output` folder as a `.tar.zst`, logs first. May be read while the task writes: each file as long as it was found. */
  pack(task: TaskFullName, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Removes a task's folder, whoever owns the files in it; gone already is fine. */
  remove(task: TaskFullName): Promise<void>;
  /** The tasks that have a folder here. */
  list(): Promise<readonly TaskFullName[]>;
};

/** Keeps the artifacts of ended tasks. */
export type ArtifactStore = {
  /** Stores `<job>/<task>.tar.zst`, whole or not at all; replaces what a crashed run may have stored. */
  write(jobId: JobId, taskName: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** `null`: there is none. */
  open(jobId: JobId, taskName: string): Promise<AsyncIterable<Uint8Array> | null>;
};

/** The secrets that jobs may name. */
export type SecretStore = {
  /** The secret's bytes; rejects, with a message for the task's log, where there is none. */
  read(name: string): Promise<Uint8Array>;
};

/** The images of one Docker engine. */
export type ImageStore = {
  has(imageId: string, signal: AbortSignal): Promise<boolean>;
  /** Loads an uncompressed `docker save` stream; rejects with the engine's words when it is no image or ends in the middle. */
  load(archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
};

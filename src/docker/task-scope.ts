import type { Log } from '../base/log.ts';
import type { TaskFullName } from '../domain/names.ts';
import type { TaskRun } from '../domain/task.ts';
import type { Workspace } from '../engine/ports.ts';
import type { ContainerSpec } from './containers.ts';
import type { Engine } from './engine.ts';
import type { StepImages } from './images.ts';
import { type Labels, objectLabels, objectName, type Role } from './names.ts';
import type { Say } from './pull.ts';

/** Where a node's tasks run. */
export type TaskHost = { readonly engine: Engine; readonly workspace: Workspace; readonly images: StepImages };

/** One run of one task, as every phase of it sees it. */
export type TaskScope = TaskHost & {
  readonly run: TaskRun;
  readonly name: string;
  readonly fullName: TaskFullName;
  readonly slots: number;
  /** What marks every object of the task. */
  readonly labels: Labels;
  /** To the task's own log. */
  readonly say: Say;
  /** The server's log, with the task's name in each line. */
  readonly log: Log;
  /** From SIGTERM to SIGKILL. */
  readonly stopGraceMs: number;
};

/** The name and the labels of one of the task's objects. */
export const identityOf = ({ fullName, labels }: TaskScope, role: Role): { readonly name: string; readonly labels: Labels } => ({
  name: objectName(fullName, role),
  labels: objectLabels(labels, role),
});

/** What all of a task's containers have in common. */
export const containerSpec = (
  scope: TaskScope,
  role: Role,
  { image, volumes, networkId }: { readonly image: string; readonly volumes: readonly string[]; readonly networkId: string },
): ContainerSpec & { readonly HostConfig: object } => ({
  Image: image,
  HostConfig: {
    // A shell as PID 1 ignores SIGTERM and collects no orphans.
    Init: true,
    NetworkMode: networkId,
    // The image's anonymous volumes, spelled out: only so do they get labels, by which they are found when they outlive the container.
    Mounts: volumes.map(path => ({
      Type: 'volume' as const,
      Source: '',
      Target: path,
      VolumeOptions: { NoCopy: false, Labels: { ...objectLabels(scope.labels, role) }, DriverConfig: { Name: '', Options: {} } },
    })),
  },
});

/**
 * A way into a task that failed and is kept. Nobody can enter a container that has ended, so the file system that its last step
 * left is made an image, and a container of that stands in for it: in the same network, with the same volumes and environment.
 */
import { type JobId, taskFullName } from '../domain/names.ts';
import { ok, type Result, refuse } from '../domain/refusal.ts';
import { ask, change } from './calls.ts';
import { ensureContainer, type FoundContainer } from './containers.ts';
import type { Engine } from './engine.ts';
import { hasStatus, messageOf } from './errors.ts';
import { LABEL, type Labels, labelFilter, objectLabels, objectName, stepOf } from './names.ts';

const ROLE = { type: 'exec' } as const;

/** Waits for ever, with nothing but a shell: images of steps seldom have more in common. What is run inside runs beside it. */
const WAIT = ['sh', '-c', 'read -r _'];

/**
 * The id of a container that runs, in which a person finds what the task's last step left. The first one who asks has it made, all
 * others share it, and what they change in it stays until the task's clean-up. `found`: the task's containers.
 */
export const ensureKeptContainer = async (
  engine: Engine,
  found: readonly FoundContainer[],
  signal: AbortSignal,
): Promise<Result<string>> => {
  const known = found.find(({ labels }) => labels[LABEL.role] === ROLE.type);
  if (known?.state === 'running') return ok(known.id);
  const step = lastEnded(found);
  if (step === undefined) return refuse('notRunning', 'the container of its last step is gone: there is nothing to look into');
  const id = known?.id ?? (await standIn(engine, step, signal));
  try {
    // One that has ended was stopped with the engine: its files are as they were.
    await change('start container', () => engine.docker.getContainer(id).start(), signal);
  } catch (error) {
    if (hasStatus(error, 304)) return ok(id);
    if (hasStatus(error, 400)) return refuse('notRunning', `the image of its step has no shell to wait in: ${messageOf(error)}`);
    throw error;
  }
  return ok(id);
};

const lastEnded = (found: readonly FoundContainer[]): FoundContainer | undefined =>
  found
    .filter(({ labels, state }) => stepOf(labels) !== null && state === 'ended')
    .toSorted((one, other) => Number(stepOf(other.labels)) - Number(stepOf(one.labels)))[0];

/** Two who ask at the same time make an image each, and share a container; the other image goes with the task, too. */
const standIn = async (engine: Engine, step: FoundContainer, signal: AbortSignal): Promise<string> => {
  const labels = labelsOfTask(step);
  const { HostConfig } = await ask('inspect container', () => engine.docker.getContainer(step.id).inspect(), signal);
  const request = {
    name: objectName(taskFullName(labels[LABEL.job] as JobId, String(labels[LABEL.task])), ROLE),
    labels: objectLabels(labels, ROLE),
    spec: {
      Image: await commit(engine, step.id, labels, signal),
      Entrypoint: WAIT,
      Cmd: [],
      OpenStdin: true,
      HostConfig: {
        Init: true,
        ...(HostConfig.NetworkMode !== undefined && { NetworkMode: HostConfig.NetworkMode }),
        VolumesFrom: [step.id],
      },
    },
  };
  const { id } = await ensureContainer(engine, request, signal);
  return id;
};

/** The image's id. It has the step's environment in it, secrets included, as the step's container has: both go with the task. */
const commit = async (engine: Engine, stepId: string, labels: Labels, signal: AbortSignal): Promise<string> => {
  const options = { _query: { container: stepId }, _body: { Labels: objectLabels(labels, ROLE) } };
  const { Id } = await change('keep the files of the step', () => engine.docker.getContainer(stepId).commit(options), signal);
  return Id;
};

const labelsOfTask = ({ labels }: FoundContainer): Labels =>
  Object.fromEntries([LABEL.server, LABEL.job, LABEL.task, LABEL.index].map(key => [key, labels[key] ?? '']));

/** The images of all objects with these labels that were made to look into kept tasks. */
export const listKeptImages = (engine: Engine, labels: Labels) =>
  ask('list images', () => engine.docker.listImages({ filters: labelFilter(labels) }));

/** Removes an image of a kept task; gone already is fine. Its parents stay: the engine would take the step's own, if that has no name. */
export const removeKeptImage = async (engine: Engine, id: string): Promise<void> => {
  try {
    await change('remove image', () => engine.docker.getImage(id).remove({ force: true, noprune: true }));
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
  }
};

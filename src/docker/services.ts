/** A task's services: started together, checked until they are up, and watched until the task's end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceSpec } from '../domain/job.ts';
import { ensureContainer, type FoundContainer, removeContainer, startContainer, waitForEnd } from './containers.ts';
import { EngineError, messageOf } from './errors.ts';
import { describeExit } from './exit-reason.ts';
import { untilHealthy } from './health.ts';
import type { LocalImage } from './images.ts';
import { lastLines } from './logs.ts';
import { LABEL } from './names.ts';
import { ensurePulled } from './pull.ts';
import { containerSpec, identityOf, type TaskScope } from './task-scope.ts';
import { together } from './together.ts';

/** A service could not be had. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
}

/** A service and the image that it runs. */
export type PreparedService = { readonly service: ServiceSpec; readonly image: LocalImage };

/** A service's container. */
export type ServiceContainer = { readonly name: string; readonly containerId: string };

/** Attempts at having a service up, each with a new container. */
const ATTEMPTS = 3;

/** How long a service without a check must live to count as up: one that can't start at all is dead by then. */
const SETTLE_MS = 500;

/** Lines of a service's output that the task's log shows when it fails. */
const LAST_LINES = 20;

/** The images of a task's services, pulled at the same time where the engine lacks them. */
export const prepareServices = (scope: TaskScope, signal: AbortSignal): Promise<readonly PreparedService[]> =>
  together(
    signal,
    scope.run.spec.services.map(service => async (aborted: AbortSignal) => ({
      service,
      image: await ensurePulled(scope.engine, service.image, scope.say, aborted),
    })),
  );

/** The service containers among those of an earlier run. */
export const serviceContainers = (found: readonly FoundContainer[]): readonly ServiceContainer[] =>
  found.flatMap(({ id, labels }) => {
    const name = labels[LABEL.service];
    return name === undefined ? [] : [{ name, containerId: id }];
  });

/**
 * Starts a task's services at once; resolves when all are up. Not for a task whose steps have begun: those work with what is in the
 * services, which a new container would not have. Rejects with {@link ServiceError}.
 */
export const ensureServices = (
  scope: TaskScope,
  services: readonly PreparedService[],
  { networkId, found }: { readonly networkId: string; readonly found: readonly FoundContainer[] },
  signal: AbortSignal,
): Promise<readonly ServiceContainer[]> =>
  together(
    signal,
    services.map(prepared => async (aborted: AbortSignal) => {
      const existing = found.find(({ labels }) => labels[LABEL.service] === prepared.service.name);
      if (existing?.state === 'ended') await removeContainer(scope.engine, existing.id);
      return { name: prepared.service.name, containerId: await ensureService(scope, prepared, networkId, aborted) };
    }),
  );

const ensureService = async (
  scope: TaskScope,
  prepared: PreparedService,
  networkId: string,
  signal: AbortSignal,
): Promise<string> => {
  const { service } = prepared;
  for (let attempt = 1; ; attempt += 1) {
    const { id: containerId } = await ensureContainer(scope.engine, serviceContainer(scope, prepared, networkId), signal);
    const failure = await bringUp(scope, service, containerId, signal);
    if (failure === null) return containerId;

    scope.say(`service ${service.name}, attempt ${attempt} of ${ATTEMPTS}: ${failure.why}`);
    if (failure.checkOutput !== '') sayIndented(scope, 'its check said:', failure.checkOutput.split('\n'));
    await sayLastLines(scope, containerId, signal);
    await removeContainer(scope.engine, containerId);
    if (attempt === ATTEMPTS) throw new ServiceError(`service ${service.name} ${failure.why} (${ATTEMPTS} attempts)`);
  }
};

const serviceContainer = (scope: TaskScope, { service, image }: PreparedService, networkId: string) => {
  const role = { type: 'service', service: service.name } as const;
  const tmpfs = Object.fromEntries(service.tmpfs.map(splitTmpfs));
  const volumes = image.volumes.filter(path => !(path in tmpfs));
  const base = containerSpec(scope, role, { image: image.reference, volumes, networkId });
  return {
    ...identityOf(scope, role),
    spec: {
      ...base,
      Env: service.env.map(({ key, value }) => `${key}=${value}`),
      ...(service.command.length > 0 && { Cmd: [...service.command] }),
      HostConfig: { ...base.HostConfig, Tmpfs: tmpfs },
      NetworkingConfig: { EndpointsConfig: { [networkId]: { Aliases: [service.name] } } },
    },
  };
};

/** `path[:options]`, as `docker run --tmpfs` takes it. */
const splitTmpfs = (tmpfs: string): readonly [path: string, options: string] => {
  const colon = tmpfs.indexOf(':');
  return colon < 0 ? [tmpfs, ''] : [tmpfs.slice(0, colon), tmpfs.slice(colon + 1)];
};

type ServiceFailure = { readonly why: string; readonly checkOutput: string };

/** Starts a service's container and waits until it is up, or never will be; `null`: it is up. */
const bringUp = async (
  { engine }: TaskScope,
  service: ServiceSpec,
  containerId: string,
  signal: AbortSignal,
): Promise<ServiceFailure | null> => {
  const decided = new AbortController();
  const undecided = AbortSignal.any([signal, decided.signal]);
  try {
    await startContainer(engine, containerId, signal);
    return await Promise.race([untilUp(engine, service, containerId, undecided), untilDead(engine, containerId, undecided)]);
  } catch (error) {
    signal.throwIfAborted();
    // A command that does not exist, a port or a device that is not there: the engine's words say it.
    if (error instanceof EngineError && !error.transient) return { why: `could not start: ${messageOf(error)}`, checkOutput: '' };
    throw error;
  } finally {
    decided.abort();
  }
};

const untilUp = async (
  engine: TaskScope['engine'],
  { health }: ServiceSpec,
  containerId: string,
  signal: AbortSignal,
): Promise<ServiceFailure | null> => {
  if (health === null) return delay(SETTLE_MS, null, { signal });
  const failure = await untilHealthy(engine, containerId, health, signal);
  return (
    failure && {
      why: `never got healthy: ${failure.why} in check ${health.retries} of ${health.retries}`,
      checkOutput: failure.output,
    }
  );
};

const untilDead = async (engine: TaskScope['engine'], containerId: string, signal: AbortSignal): Promise<ServiceFailure> => {
  const exit = await waitForEnd(engine, containerId, signal);
  return { why: exit === null ? 'was removed' : describeExit(exit), checkOutput: '' };
};

/**
 * Says in the task's log when a service dies under the steps' feet; whether that fails the task is the steps' to say. Returns what
 * ends the watch.
 */
export const watchServices = (scope: TaskScope, services: readonly ServiceContainer[]): (() => Promise<void>) => {
  const lifetime = new AbortController();
  const watches = services.map(service =>
    watchService(scope, service, lifetime.signal).catch(error => {
      if (!lifetime.signal.aborted) scope.log.warn({ err: error, service: service.name }, 'a service is not watched any more');
    }),
  );
  return async () => {
    lifetime.abort();
    await Promise.all(watches);
  };
};

const watchService = async (scope: TaskScope, { name, containerId }: ServiceContainer, signal: AbortSignal): Promise<void> => {
  const exit = await waitForEnd(scope.engine, containerId, signal);
  scope.say(`service ${name} ${exit === null ? 'was removed' : describeExit(exit)} while the steps were running`);
  if (exit !== null) await sayLastLines(scope, containerId, signal);
};

const sayLastLines = async (scope: TaskScope, containerId: string, signal: AbortSignal): Promise<void> => {
  const lines = await lastLines(scope.engine, containerId, LAST_LINES, signal);
  if (lines.length === 0) scope.say('it printed nothing');
  else sayIndented(scope, 'its last lines:', lines);
};

const sayIndented = (scope: TaskScope, title: string, lines: readonly string[]): void =>
  scope.say([title, ...lines.map(line => `  ${line}`)].join('\n'));

/** The Docker engine that end-to-end specs run on. */
import { describe, expect } from 'vitest';
import { connectEngine, type Engine } from '../../src/docker/engine.ts';
import { LABEL } from '../../src/docker/names.ts';

const found: Engine | Error = await connectEngine().catch((error: Error) => error);

// What is skipped in silence is not tested: CI has an engine, or says that it has none.
if (found instanceof Error && process.env.CI) throw found;

/** The engine; for use inside of {@link describeOnEngine}. */
export const theEngine = (): Engine => {
  if (found instanceof Error) throw found;
  return found;
};

/** `describe` for specs that need an engine; without one they are skipped by name, and the title says why. */
export const describeOnEngine = (title: string, specs: () => void): void => {
  if (found instanceof Error) describe.skip(`${title} (skipped: ${found.message})`, specs);
  else describe(title, specs);
};

/** What the engine holds of one server, or of any: `container name`, `network name`, `image id`, `volume name`. */
export const leftOnEngine = async (instance?: string): Promise<readonly string[]> => {
  const { docker } = theEngine();
  const filters = { label: [instance === undefined ? LABEL.server : `${LABEL.server}=${instance}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const images = await docker.listImages({ filters });
  const { Volumes: volumes } = await docker.listVolumes({ filters });
  return [
    ...containers.map(({ Names, State }) => `container ${Names.join()} ${State}`),
    ...networks.map(({ Name }) => `network ${Name}`),
    ...images.map(({ Id }) => `image ${Id}`),
    ...(volumes ?? []).map(({ Name }) => `volume ${Name}`),
  ];
};

/** Every end-to-end spec ends with this: no container, network, volume or workspace of this server; of any, where none is named. */
export const expectNothingLeft = async (
  instance?: string,
  workspace: { list(): Promise<readonly string[]> } = { list: async () => [] },
): Promise<void> => {
  expect({ engine: await leftOnEngine(instance), workspaces: await workspace.list() }).toEqual({ engine: [], workspaces: [] });
};

import { join } from 'node:path';
import type { Engine } from '../../src/docker/engine.ts';
import { imagesOnEngine } from '../../src/docker/images.ts';
import { createDockerTaskRunner } from '../../src/docker/task-runner.ts';
import type { ArtifactStore } from '../../src/engine/ports.ts';
import { createArtifactStore } from '../../src/store/artifacts.ts';
import { createSecretStore } from '../../src/store/secrets.ts';
import { createLocalWorkspace } from '../../src/workspace/local.ts';

/** One second, the engine's smallest: specs wait for it to be over. */
const STOP_GRACE_MS = 1_000;

/** What {@link newRunner} needs, in a form that another process can be told. */
export type RunnerHome = { readonly path: string; readonly instance: string; readonly networkRange: string };

/** A runner whose files are all below one folder. */
export const newRunner = (
  { path, instance, networkRange }: RunnerHome,
  engine: Engine,
  artifacts: Partial<ArtifactStore> = {},
  onLog: (line: string) => void = () => undefined,
) => {
  const workspace = createLocalWorkspace({ root: join(path, 'workspace') });
  const write = (fields: { readonly err?: unknown }, message: string): void => onLog(`${message}: ${String(fields.err ?? '')}`);
  const artifactStore = { ...createArtifactStore({ folder: join(path, 'artifacts') }), ...artifacts };
  const runner = createDockerTaskRunner({
    instance,
    hostOf: async () => ({ engine, workspace, images: imagesOnEngine(engine) }),
    artifacts: artifactStore,
    secrets: createSecretStore({ folder: join(path, 'secrets') }),
    networkRange,
    log: { debug: write, info: write, warn: write, error: write },
    stopGraceMs: STOP_GRACE_MS,
  });
  return { runner, workspace, artifacts: artifactStore };
};

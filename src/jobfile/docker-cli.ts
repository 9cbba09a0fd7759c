/** The `docker` program: what this folder knows of calling it. Images are built with the user's own CLI, builders and login. */
import { ExecaError, execa } from 'execa';

/** There is no `docker` program, or no engine answers it: the same call may work once that is mended. `message` is one line. */
export class DockerUnavailableError extends Error {
  override readonly name = 'DockerUnavailableError';
}

/** What the CLI can do, and whether an engine answers. */
export type DockerCli = {
  /** BuildKit, by way of the buildx plug-in; without it the CLI falls back to the engine's classic builder. */
  readonly hasBuildx: boolean;
};

/** Rejects with {@link DockerUnavailableError} when there is nothing to build with. */
export async function findDocker(signal: AbortSignal): Promise<DockerCli> {
  const [buildx] = await Promise.all([answersTo(['buildx', 'version'], signal), requireEngine(signal)]);
  return { hasBuildx: buildx && process.env.DOCKER_BUILDKIT !== '0' };
}

/** Rejects with {@link DockerUnavailableError} when there is no engine. */
async function requireEngine(signal: AbortSignal): Promise<void> {
  try {
    await docker(['version', '--format', '{{.Server.Version}}'], signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new DockerUnavailableError(whyUnavailable(cause), { cause });
  }
}

async function answersTo(args: readonly string[], signal: AbortSignal): Promise<boolean> {
  try {
    await docker(args, signal);
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

const docker = (args: readonly string[], signal: AbortSignal) => execa('docker', args, { cancelSignal: signal, stdin: 'ignore' });

function whyUnavailable(error: unknown): string {
  if (error instanceof ExecaError && error.code === 'ENOENT') {
    return 'building images needs the docker program, which is not in PATH: install Docker (https://docs.docker.com/engine/install)';
  }
  const words = error instanceof ExecaError ? String(error.stderr).trim().split('\n').at(-1) : String(error);
  return `building images needs a Docker engine: ${words}`;
}

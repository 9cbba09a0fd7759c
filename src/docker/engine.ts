/** The connection to one Docker engine. Whoever is not in this folder passes it on and never looks inside. */

import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { untilAborted } from '../base/until-aborted.ts';
import { findCredentials, type RegistryAuth, registryOf } from './credentials.ts';
import { contextAddress, type Environment, readDockerConfig } from './docker-config.ts';
import { messageOf } from './errors.ts';
import type { SharedPull } from './pull.ts';
import { readHostRoutes } from './routes.ts';
import type { Subnet } from './subnets.ts';

export type Engine = {
  readonly docker: Docker;
  /** As a message names it: `unix:///var/run/docker.sock`. */
  readonly address: string;
  /** The newest version of the API that it speaks, `1.41`. */
  readonly apiVersion: string;
  /** What the engine's host routes, as far as it is known. */
  readonly hostRoutes: () => Promise<readonly Subnet[]>;
  /** Who to be when this image is pulled; `null`: nobody. */
  readonly credentialsFor: (image: string) => Promise<RegistryAuth | null>;
  /** The pulls under way, by image: tasks that want the same image share one. */
  readonly pulls: Map<string, SharedPull>;
  /** Subnets of networks that are being made by this process, and so are in no list of the engine yet. */
  readonly subnetsInTheMaking: Set<Subnet>;
};

/** No engine answers: one line that says where it was looked for and what to do. */
export class NoEngineError extends Error {
  override readonly name = 'NoEngineError';
}

const PING_LIMIT_MS = 5_000;

/**
 * Connects to the engine that the `docker` command of this user would talk to: `DOCKER_HOST`, the context of `DOCKER_CONTEXT` or
 * of `docker context use`, or the first that answers at the usual places. Rejects with {@link NoEngineError}.
 */
export const connectEngine = async (env: Environment = process.env): Promise<Engine> => {
  const addresses = await candidateAddresses(env);
  const failures: string[] = [];
  for (const address of addresses) {
    try {
      return await connectTo(address, env);
    } catch (error) {
      failures.push(`${address}: ${messageOf(error)}`);
    }
  }
  throw new NoEngineError(`no Docker engine answers (${failures.join('; ')}): start it, or set DOCKER_HOST to where it listens`);
};

/** Where the engine may be, in the order in which the addresses are tried. What the user chose is the only candidate. */
export const candidateAddresses = async (env: Environment): Promise<readonly string[]> => {
  if (env.DOCKER_HOST) return [env.DOCKER_HOST];
  const context = env.DOCKER_CONTEXT || (await readDockerConfig(env)).currentContext || 'default';
  if (context !== 'default') return [await contextAddress(env, context)];
  return [
    '/var/run/docker.sock',
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'docker.sock')] : []), // rootless
    join(env.HOME || homedir(), '.docker', 'run', 'docker.sock'), // Docker Desktop
  ].map(path => `unix://${path}`);
};

const connectTo = async (address: string, env: Environment): Promise<Engine> => {
  const docker = new Docker(await clientOptions(address, env));
  const { ApiVersion: apiVersion } = await untilAborted(docker.version(), AbortSignal.timeout(PING_LIMIT_MS));
  return {
    docker,
    address,
    apiVersion,
    hostRoutes: address.startsWith('unix:') ? readHostRoutes : async () => [],
    // Read each time: a login while the server runs counts from the next pull on.
    credentialsFor: async image => findCredentials(await readDockerConfig(env), registryOf(image)),
    pulls: new Map(),
    subnetsInTheMaking: new Set(),
  };
};

/** The address, and the certificates that go with it, for dockerode; nothing is left to its own reading of the environment. */
const clientOptions = async (address: string, env: Environment): Promise<Docker.DockerOptions> => {
  const url = /^(unix|tcp|https?):\/\/(.+)$/.exec(address);
  if (url === null) throw new Error('Alfred talks to engines at unix:// and tcp:// addresses');
  const [, scheme, rest = ''] = url;
  if (scheme === 'unix') return { host: '', socketPath: rest };
  const secure = scheme === 'https' || (env.DOCKER_TLS_VERIFY ?? '') !== '';
  const { hostname, port } = new URL(`http://${rest}`);
  const folder = env.DOCKER_CERT_PATH || join(env.HOME || homedir(), '.docker');
  const pem = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  return {
    protocol: secure ? 'https' : 'http',
    host: hostname,
    port: port || (secure ? 2376 : 2375),
    ...(secure && { ca: await pem('ca.pem'), cert: await pem('cert.pem'), key: await pem('key.pem') }),
  };
};

/** Whether the engine speaks this version of the API, or a newer one. */
export const speaksApi = (engine: Engine, version: string): boolean => {
  const [major = 0, minor = 0] = engine.apiVersion.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = version.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
};

/** The engine of another machine, over the connection to that machine. */
import { Agent } from 'node:http';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import type { RemoteHost } from '../engine/ports.ts';
import { ask } from './calls.ts';
import { findCredentials, registryOf } from './credentials.ts';
import { type DockerConfig, parseDockerConfig } from './docker-config.ts';
import type { Engine } from './engine.ts';
import { parseRoutes } from './routes.ts';

/**
 * Connects to the engine of a host; waits while the host can't be reached. What it is asked later waits likewise: one of these lasts
 * for the node's life, over any number of broken connections. Rejects when the engine does not answer, or with the signal's reason.
 */
export const connectRemoteEngine = async (host: RemoteHost, signal: AbortSignal): Promise<Engine> => {
  const docker = dockerOver(host);
  const { ApiVersion: apiVersion } = await ask(`reach the Docker engine of ${host.address}`, () => docker.version(), signal);
  return engineOn(host, docker, apiVersion);
};

/** The engine of a host that is gone: everything that it is asked rejects with `NodeGoneError`. */
export const goneEngine = (host: RemoteHost): Engine => engineOn(host, dockerOver(host), NO_VERSION);

/** Nobody will ever be told which API it speaks. */
const NO_VERSION = '0.0';

/**
 * Where a request goes is the agent's business; with a socket for an address, docker-modem has no URL to take apart in ways that Node
 * warns of.
 */
const dockerOver = (host: RemoteHost): Docker =>
  new Docker({ host: '', socketPath: '/over-ssh', agent: agentOver(host) } as Docker.DockerOptions);

const engineOn = (host: RemoteHost, docker: Docker, apiVersion: string): Engine => ({
  docker,
  address: `the Docker engine of ${host.address}`,
  apiVersion,
  hostRoutes: async () => parseRoutes(await outputOf(host, 'read the routes', 'cat /proc/net/route')),
  // Read each time: a login there while the server runs counts from the next pull on.
  credentialsFor: async image =>
    findCredentials(await readRemoteConfig(host), registryOf(image), (helper, registry) =>
      askRemoteHelper(host, helper, registry),
    ),
  pulls: new Map(),
  subnetsInTheMaking: new Set(),
});

/** A connection per request: making one costs a round trip, and an idle one would not tell that it broke. */
const agentOver = (host: RemoteHost): Agent =>
  Object.assign(new Agent({ keepAlive: false }), {
    createConnection: ((_options, connected) => {
      host.dialDocker().then(
        stream => connected?.(null, stream),
        // Node's types want a stream here; there is none.
        (error: Error) => (connected as ((error: Error) => void) | undefined)?.(error),
      );
      return undefined;
    }) satisfies Agent['createConnection'],
    // docker-modem prints each request's options for its debug log, wanted or not: with all that hangs on the agent's open sockets,
    // that took a quarter of a second per request beside thirty streams.
    [inspect.custom]: () => `Agent over ssh to ${host.address}`,
  });

/** As the `docker` command of the host's own user finds it. */
const PRINT_CONFIG = `
folder=$DOCKER_CONFIG
[ -n "$folder" ] || folder=$HOME/.docker
if [ -e "$folder/config.json" ]; then cat "$folder/config.json"; else echo '{}'; fi`;

const readRemoteConfig = async (host: RemoteHost): Promise<DockerConfig> =>
  parseDockerConfig(await outputOf(host, "read Docker's configuration", PRINT_CONFIG), `${host.address}:~/.docker/config.json`);

/** What the name of a credential helper may have: it is a part of a command. */
const HELPER_NAME = /^[A-Za-z0-9._-]+$/;

const askRemoteHelper = async (host: RemoteHost, helper: string, registry: string): Promise<string> => {
  if (!HELPER_NAME.test(helper)) throw new Error(`${host.address}: ${JSON.stringify(helper)} is no name of a credential helper`);
  // Helpers print "credentials not found" on stdout.
  return await outputOf(host, `ask docker-credential-${helper}`, `docker-credential-${helper} get 2>&1`, registry);
};

/** A host that takes longer over a small command than this hangs. */
const COMMAND_LIMIT_MS = 30_000;

/** What a command prints; rejects with its words when it fails. */
const outputOf = (host: RemoteHost, what: string, script: string, input = ''): Promise<string> =>
  ask(`${what} on ${host.address}`, async signal => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(COMMAND_LIMIT_MS)]);
    const { stdin, stdout, ended } = await host.run(script, limit);
    stdin.end(input);
    const output = Buffer.concat(await Array.fromAsync(stdout)).toString();
    const { code, stderr } = await ended;
    if (code === null) throw brokenOff();
    if (code !== 0) throw new Error((stderr || output).trim() || `exit code ${code}`);
    return output;
  });

/** As a socket says it, so that it is tried again like any call whose connection broke. */
const brokenOff = (): Error => Object.assign(new Error('the command was broken off'), { code: 'ECONNRESET' });

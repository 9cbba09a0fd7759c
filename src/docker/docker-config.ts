/** The Docker command's own settings of this user: which engine to talk to, and who to be for a registry. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The parts of `config.json` that concern Alfred. */
export type DockerConfig = {
  readonly currentContext?: string;
  readonly auths?: Readonly<Record<string, RegistryEntry>>;
  /** Registry → credential helper. */
  readonly credHelpers?: Readonly<Record<string, string>>;
  /** The credential helper of all other registries. */
  readonly credsStore?: string;
};

export type RegistryEntry = {
  /** base64 of `user:password`. */
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
};

/** The folder of `config.json`. */
const configFolder = (env: Environment): string => env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker');

/** Reads `config.json`; nothing in it where there is none. Throws when it can't be read as JSON. */
export const readDockerConfig = async (env: Environment): Promise<DockerConfig> => {
  const path = join(configFolder(env), 'config.json');
  return parseDockerConfig(await readFile(path, 'utf8').catch(() => '{}'), path);
};

/** Throws when the text is no JSON. `path`: where it is from, for the message. */
export const parseDockerConfig = (text: string, path: string): DockerConfig => {
  try {
    return JSON.parse(text) as DockerConfig;
  } catch (cause) {
    throw new Error(`${path} is no JSON: ${(cause as Error).message}`, { cause });
  }
};

/** The engine's address of a context that `docker context create` made; throws where there is no such context. */
export const contextAddress = async (env: Environment, context: string): Promise<string> => {
  // The command's own layout: a folder named after the hash of the context's name.
  const folder = createHash('sha256').update(context).digest('hex');
  const path = join(configFolder(env), 'contexts', 'meta', folder, 'meta.json');
  try {
    const meta = JSON.parse(await readFile(path, 'utf8')) as {
      readonly Endpoints?: { readonly docker?: { readonly Host?: string } };
    };
    const host = meta.Endpoints?.docker?.Host;
    if (host) return host;
  } catch {
    // Told below, in the user's words rather than the file system's.
  }
  throw new Error(`there is no Docker context ${JSON.stringify(context)}: see docker context ls, or unset DOCKER_CONTEXT`);
};

/** How long a credential helper may take: some ask a cloud. */
const HELPER_LIMIT_MS = 30_000;

/** Asks `docker-credential-<helper> get`; returns what it prints. Rejects with the helper's own words. */
export const askCredentialHelper = (helper: string, registry: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const command = `docker-credential-${helper}`;
    const child = execFile(command, ['get'], { timeout: HELPER_LIMIT_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      // Helpers print "credentials not found" on stdout.
      else reject(new Error(`${command}: ${(stderr || stdout || error.message).trim()}`, { cause: error }));
    });
    // A helper that is missing or does not read its input: the callback above tells.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(registry);
  });

import { askCredentialHelper, type DockerConfig, type RegistryEntry } from './docker-config.ts';

/** What a pull sends along, in the engine's words. */
export type RegistryAuth = {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
};

/** Docker Hub's name in the configuration, for historical reasons. */
const DOCKER_HUB = 'https://index.docker.io/v1/';

/** The registry of an image reference, as `config.json` names it: `redis:7` is Docker Hub's, `host:5000/x` is `host:5000`'s. */
export const registryOf = (image: string): string => {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return !isHost || first === 'docker.io' || first === 'index.docker.io' ? DOCKER_HUB : first;
};

/**
 * The user's credentials for a registry: from its own helper, from the helper of all registries, or from the file; `null` where
 * there are none. Rejects when a helper fails for another reason than that it has none. `askHelper`: helpers are programs of the
 * machine that the configuration is from.
 */
export const findCredentials = async (
  config: DockerConfig,
  registry: string,
  askHelper: typeof askCredentialHelper = askCredentialHelper,
): Promise<RegistryAuth | null> => {
  const helper = config.credHelpers?.[registry] ?? config.credsStore;
  const fromHelper = helper ? await readHelper(() => askHelper(helper, registry), registry) : null;
  return fromHelper ?? readEntry(config, registry);
};

/** A helper's answer: a name, or `<token>` with an identity token in the secret's place. */
type HelperAnswer = { readonly Username: string; readonly Secret: string };

const readHelper = async (ask: () => Promise<string>, registry: string): Promise<RegistryAuth | null> => {
  try {
    const { Username, Secret } = JSON.parse(await ask()) as HelperAnswer;
    return Username === '<token>'
      ? { identitytoken: Secret, serveraddress: registry }
      : { username: Username, password: Secret, serveraddress: registry };
  } catch (error) {
    if (/credentials not found/.test((error as Error).message)) return null;
    throw error;
  }
};

const readEntry = (config: DockerConfig, registry: string): RegistryAuth | null => {
  // `docker login` writes plain hosts; older versions wrote URLs.
  const entry = Object.entries(config.auths ?? {}).find(([key]) => hostOf(key) === hostOf(registry))?.[1];
  if (entry === undefined) return null;
  const { identitytoken } = entry;
  const [username, password] = nameAndPassword(entry);
  if (!username && !identitytoken) return null;
  return {
    ...(username && { username }),
    ...(password && { password }),
    ...(identitytoken && { identitytoken }),
    serveraddress: registry,
  };
};

const hostOf = (key: string): string => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');

const nameAndPassword = ({ auth, username, password }: RegistryEntry): readonly [string | undefined, string | undefined] => {
  if (!auth) return [username, password];
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  return [text.slice(0, colon), text.slice(colon + 1)];
};

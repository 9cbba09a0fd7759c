/**
 * Which cloud, and who we are there: from the `OS_*` variables that an openrc file sets, or from `clouds.yaml` with `OS_CLOUD`,
 * the same settings under other names. All is read and checked here, before anything is asked of the cloud.
 */
import { type CloudEntry, findCloud, mapIn } from './clouds-yaml.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export type CloudConfig = {
  /** Keystone's address with its version: `https://cloud.example:5000/v3`. */
  readonly authUrl: string;
  readonly credentials: Credentials;
  /** The region to work in; `null`: the only one that there is. */
  readonly region: string | null;
  readonly interface: EndpointInterface;
  /** A file with the certificate authority of the cloud; `null`: those that Node knows. */
  readonly caFile: string | null;
};

export type EndpointInterface = 'public' | 'internal' | 'admin';

/** Something by its id, or by its name and what makes that unique. */
export type Named = { readonly id: string } | { readonly name: string; readonly domain: Domain };
export type Domain = { readonly id: string } | { readonly name: string };

export type Credentials =
  | { readonly type: 'password'; readonly user: Named; readonly password: string; readonly scope: Scope }
  /** By its id, or by its name and its user's. It has a project of its own. */
  | {
      readonly type: 'applicationCredential';
      readonly credential: { readonly id: string } | { readonly name: string; readonly user: Named };
      readonly secret: string;
    };

export type Scope = { readonly type: 'project'; readonly project: Named } | { readonly type: 'domain'; readonly domain: Domain };

/** Every setting: its variable, and its place in `clouds.yaml`. */
const SETTINGS = {
  authType: ['OS_AUTH_TYPE', 'auth_type'],
  authUrl: ['OS_AUTH_URL', 'auth.auth_url'],
  username: ['OS_USERNAME', 'auth.username'],
  userId: ['OS_USER_ID', 'auth.user_id'],
  password: ['OS_PASSWORD', 'auth.password'],
  userDomainName: ['OS_USER_DOMAIN_NAME', 'auth.user_domain_name'],
  userDomainId: ['OS_USER_DOMAIN_ID', 'auth.user_domain_id'],
  projectName: ['OS_PROJECT_NAME', 'auth.project_name'],
  projectId: ['OS_PROJECT_ID', 'auth.project_id'],
  projectDomainName: ['OS_PROJECT_DOMAIN_NAME', 'auth.project_domain_name'],
  projectDomainId: ['OS_PROJECT_DOMAIN_ID', 'auth.project_domain_id'],
  domainName: ['OS_DOMAIN_NAME', 'auth.domain_name'],
  domainId: ['OS_DOMAIN_ID', 'auth.domain_id'],
  credentialId: ['OS_APPLICATION_CREDENTIAL_ID', 'auth.application_credential_id'],
  credentialName: ['OS_APPLICATION_CREDENTIAL_NAME', 'auth.application_credential_name'],
  credentialSecret: ['OS_APPLICATION_CREDENTIAL_SECRET', 'auth.application_credential_secret'],
  region: ['OS_REGION_NAME', 'region_name'],
  interface: ['OS_INTERFACE', 'interface'],
  endpointType: ['OS_ENDPOINT_TYPE', 'endpoint_type'],
  caFile: ['OS_CACERT', 'cacert'],
} as const;

type Setting = keyof typeof SETTINGS;

/** Where the settings are, and what a person calls them there. */
type Source = {
  /** `undefined`: not set, or empty. */
  readonly get: (setting: Setting) => string | undefined;
  readonly nameOf: (setting: Setting) => string;
};

/** Reads and checks them; throws an error that names the variable, or the key and its file, and says what to do. */
export const readCloudConfig = (env: Env): CloudConfig => {
  const source = sourceOf(env);
  return {
    authUrl: authUrlOf(source),
    credentials: credentialsOf(source),
    region: source.get('region') ?? null,
    interface: interfaceOf(source),
    caFile: source.get('caFile') ?? null,
  };
};

const sourceOf = (env: Env): Source => {
  if (env.OS_CLOUD) {
    if (env.OS_AUTH_URL) throw new Error('OS_CLOUD and OS_AUTH_URL are both set, which may be two clouds: unset one of them');
    return fileSource(env.OS_CLOUD, findCloud(env.OS_CLOUD, env));
  }
  if (!env.OS_AUTH_URL) {
    throw new Error(
      'OS_AUTH_URL is not set: source the openrc file of your cloud, or set OS_CLOUD to a cloud of your clouds.yaml',
    );
  }
  return { get: setting => env[SETTINGS[setting][0]] || undefined, nameOf: setting => SETTINGS[setting][0] };
};

const fileSource = (cloud: string, { file, settings }: CloudEntry): Source => {
  if (settings.verify === false) {
    throw new Error(
      `verify of cloud ${cloud} in ${file} is false: Alfred trusts no unknown cloud; name its authority with cacert`,
    );
  }
  const auth = mapIn(settings, 'auth');
  return {
    get: setting => {
      const key = SETTINGS[setting][1];
      const value = key.startsWith('auth.') ? auth[key.slice('auth.'.length)] : settings[key];
      // A password of digits is a number to YAML.
      return value === undefined || value === null || value === '' ? undefined : String(value);
    },
    nameOf: setting => `${SETTINGS[setting][1]} of cloud ${cloud} in ${file}`,
  };
};

const needed = ({ get, nameOf }: Source, setting: Setting, hint: string): string => {
  const value = get(setting);
  if (value === undefined) throw new Error(`${nameOf(setting)} is not set: ${hint}`);
  return value;
};

/** Keystone's version 3, whether or not the address says it. */
const authUrlOf = (source: Source): string => {
  const text = needed(source, 'authUrl', "the address of the cloud's Keystone, like https://cloud.example:5000/v3");
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Error(`${source.nameOf('authUrl')} is ${JSON.stringify(text)}, which is no http address`);
  }
  const path = url.pathname.replace(/\/+$/, '');
  if (path.endsWith('/v2.0'))
    throw new Error(`${source.nameOf('authUrl')} asks for Keystone v2.0, which is gone: end it with /v3`);
  return `${url.origin}${path.endsWith('/v3') ? path : `${path}/v3`}`;
};

const interfaceOf = (source: Source): EndpointInterface => {
  const setting = source.get('interface') === undefined ? 'endpointType' : 'interface';
  const text = source.get(setting) ?? 'public';
  const plain = text.replace(/URL$/, '');
  if (plain === 'public' || plain === 'internal' || plain === 'admin') return plain;
  throw new Error(`${source.nameOf(setting)} is ${JSON.stringify(text)}: write public, internal or admin`);
};

const credentialsOf = (source: Source): Credentials => {
  switch (kindOf(source)) {
    case 'applicationCredential':
      return applicationCredentialOf(source);
    case 'password':
      return {
        type: 'password',
        user: userOf(source),
        password: needed(source, 'password', 'the password of the user'),
        scope: scopeOf(source),
      };
  }
};

/** As the type says; without one, as what is there says. */
const kindOf = ({ get, nameOf }: Source): Credentials['type'] => {
  const authType = get('authType');
  if (authType !== undefined) {
    if (/^(v3)?password$/.test(authType)) return 'password';
    if (/^(v3)?applicationcredential$/.test(authType)) return 'applicationCredential';
    throw new Error(`${nameOf('authType')} is ${JSON.stringify(authType)}: Alfred knows v3password and v3applicationcredential`);
  }
  const credential = (['credentialId', 'credentialName', 'credentialSecret'] as const).find(
    setting => get(setting) !== undefined,
  );
  if (credential === undefined) return 'password';
  if (get('password') === undefined) return 'applicationCredential';
  throw new Error(`${nameOf(credential)} and ${nameOf('password')} are both set: unset the one that is not to be used`);
};

const applicationCredentialOf = (source: Source): Credentials => {
  const { get, nameOf } = source;
  const project = (['projectId', 'projectName'] as const).find(setting => get(setting) !== undefined);
  if (project !== undefined) {
    throw new Error(`${nameOf(project)} does not go with an application credential, which has a project of its own: unset it`);
  }
  const secret = needed(source, 'credentialSecret', 'the secret that was shown when the application credential was made');
  const id = get('credentialId');
  if (id !== undefined) return { type: 'applicationCredential', credential: { id }, secret };
  const name = get('credentialName');
  if (name !== undefined) return { type: 'applicationCredential', credential: { name, user: userOf(source) }, secret };
  throw new Error(`${nameOf('credentialId')} is not set: the id of the application credential`);
};

const userOf = (source: Source): Named => {
  const id = source.get('userId');
  if (id !== undefined) return { id };
  const name = needed(source, 'username', 'who Alfred is in the cloud');
  return { name, domain: domainOf(source, 'userDomainId', 'userDomainName') };
};

const scopeOf = (source: Source): Scope => {
  const { get, nameOf } = source;
  const project = projectOf(source);
  const domain = (['domainId', 'domainName'] as const).find(setting => get(setting) !== undefined);
  if (project !== null && domain !== undefined) {
    throw new Error(`${nameOf('projectName')} and ${nameOf(domain)} are both set: unset the one that is not to be used`);
  }
  if (project !== null) return { type: 'project', project };
  if (domain === undefined) throw new Error(`${nameOf('projectName')} is not set: the project in which Alfred makes servers`);
  return { type: 'domain', domain: domainOf(source, 'domainId', 'domainName') };
};

const projectOf = (source: Source): Named | null => {
  const id = source.get('projectId');
  if (id !== undefined) return { id };
  const name = source.get('projectName');
  return name === undefined ? null : { name, domain: domainOf(source, 'projectDomainId', 'projectDomainName') };
};

/** Most clouds have a single domain, whose id is this. */
const DEFAULT_DOMAIN: Domain = { id: 'default' };

const domainOf = ({ get }: Source, idSetting: Setting, nameSetting: Setting): Domain => {
  const id = get(idSetting);
  if (id !== undefined) return { id };
  const name = get(nameSetting);
  return name === undefined ? DEFAULT_DOMAIN : { name };
};

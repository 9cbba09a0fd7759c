import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readCloudConfig } from '../../../src/provisioner/openstack/cloud-config.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const PASSWORD_ENV = {
  OS_AUTH_URL: 'https://cloud.example:5000/v3',
  OS_USERNAME: 'alfred',
  OS_PASSWORD: 'secret',
  OS_PROJECT_NAME: 'ci',
};

const CREDENTIAL_ENV = {
  OS_AUTH_URL: 'https://cloud.example/identity/',
  OS_APPLICATION_CREDENTIAL_ID: 'c0ffee',
  OS_APPLICATION_CREDENTIAL_SECRET: 'secret',
};

describe('the OS_* variables', () => {
  it('of a user with a password', () => {
    expect(
      readCloudConfig({
        ...PASSWORD_ENV,
        OS_USER_DOMAIN_NAME: 'staff',
        OS_REGION_NAME: 'North',
        OS_ENDPOINT_TYPE: 'internalURL',
      }),
    ).toEqual({
      authUrl: 'https://cloud.example:5000/v3',
      credentials: {
        type: 'password',
        user: { name: 'alfred', domain: { name: 'staff' } },
        password: 'secret',
        scope: { type: 'project', project: { name: 'ci', domain: { id: 'default' } } },
      },
      region: 'North',
      interface: 'internal',
      caFile: null,
    });
  });

  it('of an application credential', () => {
    expect(readCloudConfig(CREDENTIAL_ENV)).toMatchObject({
      authUrl: 'https://cloud.example/identity/v3',
      credentials: { type: 'applicationCredential', credential: { id: 'c0ffee' }, secret: 'secret' },
    });
  });

  it('of an application credential by its name', () => {
    const { OS_APPLICATION_CREDENTIAL_ID: _, ...env } = CREDENTIAL_ENV;
    expect(readCloudConfig({ ...env, OS_APPLICATION_CREDENTIAL_NAME: 'ci', OS_USER_ID: 'u1' }).credentials).toEqual({
      type: 'applicationCredential',
      credential: { name: 'ci', user: { id: 'u1' } },
      secret: 'secret',
    });
  });

  it('of a user in a domain', () => {
    const { OS_PROJECT_NAME: _, ...env } = PASSWORD_ENV;
    expect(readCloudConfig({ ...env, OS_DOMAIN_NAME: 'staff' }).credentials).toMatchObject({
      scope: { type: 'domain', domain: { name: 'staff' } },
    });
  });

  it.for([
    [
      'nothing',
      {},
      'OS_AUTH_URL is not set: source the openrc file of your cloud, or set OS_CLOUD to a cloud of your clouds.yaml',
    ],
    ['no password', { ...PASSWORD_ENV, OS_PASSWORD: '' }, 'OS_PASSWORD is not set: the password of the user'],
    ['no user', { ...PASSWORD_ENV, OS_USERNAME: '' }, 'OS_USERNAME is not set: who Alfred is in the cloud'],
    [
      'no project',
      { ...PASSWORD_ENV, OS_PROJECT_NAME: '' },
      'OS_PROJECT_NAME is not set: the project in which Alfred makes servers',
    ],
    [
      'a wrong address',
      { ...PASSWORD_ENV, OS_AUTH_URL: 'cloud.example' },
      'OS_AUTH_URL is "cloud.example", which is no http address',
    ],
    [
      'an old Keystone',
      { ...PASSWORD_ENV, OS_AUTH_URL: 'http://x/v2.0' },
      'OS_AUTH_URL asks for Keystone v2.0, which is gone: end it with /v3',
    ],
    ['a wrong interface', { ...PASSWORD_ENV, OS_INTERFACE: 'outer' }, 'OS_INTERFACE is "outer": write public, internal or admin'],
    [
      'an unknown way in',
      { ...PASSWORD_ENV, OS_AUTH_TYPE: 'v3oidc' },
      'OS_AUTH_TYPE is "v3oidc": Alfred knows v3password and v3applicationcredential',
    ],
    [
      'two ways in',
      { ...PASSWORD_ENV, ...CREDENTIAL_ENV },
      'OS_APPLICATION_CREDENTIAL_ID and OS_PASSWORD are both set: unset the one that is not to be used',
    ],
    [
      'a credential with a project',
      { ...CREDENTIAL_ENV, OS_PROJECT_NAME: 'ci' },
      'OS_PROJECT_NAME does not go with an application credential, which has a project of its own: unset it',
    ],
    [
      'a credential without its secret',
      { ...CREDENTIAL_ENV, OS_APPLICATION_CREDENTIAL_SECRET: '' },
      'OS_APPLICATION_CREDENTIAL_SECRET is not set: the secret that was shown when the application credential was made',
    ],
    [
      'a project and a domain',
      { ...PASSWORD_ENV, OS_DOMAIN_ID: 'default' },
      'OS_PROJECT_NAME and OS_DOMAIN_ID are both set: unset the one that is not to be used',
    ],
    [
      'two clouds',
      { ...PASSWORD_ENV, OS_CLOUD: 'mine' },
      'OS_CLOUD and OS_AUTH_URL are both set, which may be two clouds: unset one of them',
    ],
  ] as const)('that hold %s are refused in one line', ([, env, words]) => {
    expect(() => readCloudConfig(env)).toThrow(words);
  });
});

describe('clouds.yaml', () => {
  const CLOUD = `
clouds:
  mine:
    region_name: North
    cacert: /etc/ssl/mine.pem
    auth:
      auth_url: https://cloud.example:5000
      username: alfred
      project_id: p1
      user_domain_id: default
  bare:
    verify: false
    auth: { auth_url: https://cloud.example }
`;

  const home = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const folder = await temporaryFolder();
    onTestFinished(() => folder[Symbol.asyncDispose]());
    await mkdir(join(folder.path, '.config/openstack'), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
    return folder.path;
  };

  it('is found in the home folder, with what secure.yaml adds', async () => {
    const HOME = await home({
      '.config/openstack/clouds.yaml': CLOUD,
      // A password of digits is a number to YAML.
      '.config/openstack/secure.yaml': 'clouds: { mine: { auth: { password: 12345 } } }',
    });
    expect(readCloudConfig({ HOME, OS_CLOUD: 'mine' })).toEqual({
      authUrl: 'https://cloud.example:5000/v3',
      credentials: {
        type: 'password',
        user: { name: 'alfred', domain: { id: 'default' } },
        password: '12345',
        scope: { type: 'project', project: { id: 'p1' } },
      },
      region: 'North',
      interface: 'public',
      caFile: '/etc/ssl/mine.pem',
    });
  });

  it('is the file that OS_CLIENT_CONFIG_FILE names, before all others', async () => {
    const HOME = await home({ '.config/openstack/clouds.yaml': 'clouds: {}', 'other.yaml': CLOUD });
    const file = join(HOME, 'other.yaml');
    expect(() => readCloudConfig({ HOME, OS_CLOUD: 'mine', OS_CLIENT_CONFIG_FILE: file })).toThrow(
      `auth.password of cloud mine in ${file} is not set: the password of the user`,
    );
  });

  it('is told apart from what is not there, misspelt, unreadable or unsafe', async () => {
    const HOME = await home({ '.config/openstack/clouds.yaml': CLOUD, 'broken.yaml': 'clouds: [' });
    const file = join(HOME, '.config/openstack/clouds.yaml');
    const read = (OS_CLOUD: string, env = {}) => readCloudConfig({ HOME, OS_CLOUD, ...env });
    expect(() => read('mien')).toThrow(`OS_CLOUD: there is no cloud "mien" in ${file}, did you mean mine? It has: mine, bare`);
    expect(() => read('bare')).toThrow(`verify of cloud bare in ${file} is false`);
    const broken = join(HOME, 'broken.yaml');
    expect(() => read('mine', { OS_CLIENT_CONFIG_FILE: broken })).toThrow(`${broken} is no YAML: `);
    const empty = await home({});
    expect(() => read('mine', { HOME: empty })).toThrow(
      `OS_CLOUD is "mine" and there is no clouds.yaml; looked for clouds.yaml, ${empty}/.config/openstack/clouds.yaml, /etc/openstack/clouds.yaml`,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { describeRemote, type RemoteOptions, resolveRemote } from '../../src/cli/remote.ts';

const defaults: RemoteOptions = { sshUsername: 'alfred-user', sshPort: 22 };
const resolve = (options: Partial<RemoteOptions>, env: Record<string, string> = {}) =>
  resolveRemote({ ...defaults, ...options }, env);

describe('the server', () => {
  it('is the first of --remote, ALFRED_REMOTE and the one that the build knows', () => {
    const env = { ALFRED_REMOTE: 'from-env' };
    expect(resolve({ remote: 'from-flag' }, env)).toMatchObject({ host: 'from-flag', isDefault: false });
    expect(resolve({}, env)).toMatchObject({ host: 'from-env', isDefault: false });
    expect(resolve({}, { ALFRED_REMOTE: '' })).toMatchObject({ host: 'alfred.tipee.dev', port: 25_373, isDefault: true });
  });

  it.each([
    ['ci', 'ci', 25_373],
    ['ci.example.org:99', 'ci.example.org', 99],
    ['10.0.0.1', '10.0.0.1', 25_373],
    ['::1', '::1', 25_373],
    ['[fe80::1]:99', 'fe80::1', 99],
    ['[fe80::1]', 'fe80::1', 25_373],
  ])('written as %s is host %s, port %d', (remote, host, port) => expect(resolve({ remote })).toMatchObject({ host, port }));

  it('is reached through ssh, unless it is on this machine', () => {
    const tunnel = { username: 'alfred-user', port: 22, hostKey: null };
    expect(resolve({ remote: 'ci' })).toMatchObject({ tunnel });
    for (const remote of ['localhost', '127.0.0.1:99', '127.0.1.1', '[::1]:99'])
      expect(resolve({ remote })).toMatchObject({ tunnel: null });
  });

  it('is reached as the flags say, wherever it is', () => {
    expect(resolve({ remote: 'ci', sshTunneling: false })).toMatchObject({ tunnel: null });
    expect(
      resolve({ remote: 'localhost', sshTunneling: true, sshUsername: 'ada', sshPort: 99, sshHostKey: 'ssh-ed25519 A' }),
    ).toMatchObject({
      tunnel: { username: 'ada', port: 99, hostKey: 'ssh-ed25519 A' },
    });
  });

  it.each([
    [{ local: true }, {}],
    [{ remote: 'local' }, {}],
    [{}, { ALFRED_REMOTE: 'local' }],
    [{ local: true }, { ALFRED_REMOTE: 'ci' }],
  ])('is inside the command with %j and %j', (options, env) =>
    expect(resolve(options, env as Record<string, string>)).toStrictEqual({ type: 'local' }),
  );

  it('may be a socket', () =>
    expect(resolve({ remote: 'unix:/run/alfred.sock' })).toStrictEqual({ type: 'socket', path: '/run/alfred.sock' }));

  it('is shown as it can be written', () => {
    for (const text of ['ci:99', '[fe80::1]:99', 'unix:/run/alfred.sock'])
      expect(describeRemote(resolve({ remote: text }))).toBe(text);
  });
});

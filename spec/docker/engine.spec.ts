import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { candidateAddresses, connectEngine } from '../../src/docker/engine.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('the engine that is connected to', () => {
  it('is where DOCKER_HOST says, whatever else there is', async () => {
    const env = { DOCKER_HOST: 'tcp://10.0.0.1:2375', DOCKER_CONTEXT: 'other', HOME: '/nowhere' };
    expect(await candidateAddresses(env)).toEqual(['tcp://10.0.0.1:2375']);
  });

  it("is the chosen context's, by the environment or by docker context use", async () => {
    await using home = await temporaryFolder();
    const meta = join(home.path, '.docker/contexts/meta', createHash('sha256').update('rootless').digest('hex'));
    await mkdir(meta, { recursive: true });
    await writeFile(
      join(meta, 'meta.json'),
      JSON.stringify({ Endpoints: { docker: { Host: 'unix:///run/user/1/docker.sock' } } }),
    );
    expect(await candidateAddresses({ HOME: home.path, DOCKER_CONTEXT: 'rootless' })).toEqual(['unix:///run/user/1/docker.sock']);

    await writeFile(join(home.path, '.docker/config.json'), JSON.stringify({ currentContext: 'rootless' }));
    expect(await candidateAddresses({ HOME: home.path })).toEqual(['unix:///run/user/1/docker.sock']);
    await expect(candidateAddresses({ HOME: home.path, DOCKER_CONTEXT: 'gone' })).rejects.toThrow(
      'there is no Docker context "gone"',
    );
  });

  it('is looked for at the usual places otherwise: of the system, rootless, of Docker Desktop', async () => {
    expect(await candidateAddresses({ HOME: '/home/ada', XDG_RUNTIME_DIR: '/run/user/7' })).toEqual([
      'unix:///var/run/docker.sock',
      'unix:///run/user/7/docker.sock',
      'unix:///home/ada/.docker/run/docker.sock',
    ]);
  });

  it('is missed in one line that says where it was looked for and what to do', async () => {
    await expect(connectEngine({ DOCKER_HOST: 'unix:///nowhere/docker.sock' })).rejects.toThrow(
      /^no Docker engine answers \(unix:\/\/\/nowhere\/docker.sock: .*ENOENT.*\): start it, or set DOCKER_HOST to where it listens$/,
    );
    await expect(connectEngine({ DOCKER_HOST: 'ssh://far' })).rejects.toThrow('talks to engines at unix:// and tcp:// addresses');
  });
});

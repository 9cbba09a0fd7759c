import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { dockerDialError } from '../../../src/provisioner/ssh/docker-dial-error.ts';
import { DialError, type Link } from '../../../src/provisioner/ssh/link.ts';

/** A link to a host on which the look at the socket shows this. */
const linkThatSees = (found: string): Link => ({
  lost: new AbortController().signal,
  run: async () => ({
    stdin: new Writable(),
    stdout: Readable.from([Buffer.from(`${found}\n`)]),
    ended: Promise.resolve({ code: 0, stderr: '' }),
  }),
  dial: async () => {
    throw new DialError(false, {});
  },
  endMarked: () => undefined,
  marks: '',
  end: () => undefined,
});

const place = (found: string) => ({
  link: linkThatSees(found),
  dockerSocket: 'unix:///var/run/docker.sock',
  target: { host: '10.0.0.7', port: 22, username: 'ci' },
});

describe("a Docker socket that can't be connected to", () => {
  it.each([
    [
      'forbidden',
      'EACCES',
      "ci may not use /var/run/docker.sock: add the user to the socket's group (sudo usermod -aG docker ci)",
    ],
    ['missing', 'ENOENT', 'there is no /var/run/docker.sock: is the Docker engine installed and running?'],
    ['silent', 'ECONNREFUSED', 'nobody listens at /var/run/docker.sock: is the Docker engine running?'],
    [
      'listening',
      'ECONNREFUSED',
      'its sshd forwards no connections to unix:///var/run/docker.sock: set AllowStreamLocalForwarding yes in /etc/ssh/sshd_config there, and DisableForwarding no',
    ],
  ])('that is %s there says what to do', async (found, code, words) => {
    const error = await dockerDialError(new DialError(false, {}), place(found));
    expect(error).toMatchObject({ code, message: `Docker on ci@10.0.0.7: ${words}` });
  });
});

import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ClientChannel } from 'ssh2';
import { expect, it } from 'vitest';
import { commandOf } from '../../../src/provisioner/ssh/command.ts';

it('a command ends where its connection broke, whatever comes out of the buffers after that', async () => {
  const channel = Object.assign(new PassThrough(), { stderr: new PassThrough() });
  const link = new AbortController();
  const command = commandOf(channel as unknown as ClientChannel, link.signal, () => undefined);
  const output = buffer(command.stdout);
  channel.emit('data', Buffer.from('before'));
  link.abort(new Error('reset'));
  channel.emit('data', Buffer.from('after'));
  expect(String(await output)).toBe('before');
  expect(await command.ended).toMatchObject({ code: null });
});

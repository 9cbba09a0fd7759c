/** A node that is gone when its server comes back: what people are told, and what they get. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { filesIn, withoutTimestamps } from '../support/artifact.ts';
import { openDesk } from '../support/desk.ts';
import { describeOnEngine } from '../support/engine.ts';
import { openServer } from '../support/server-lives.ts';
import { sshdIsInstalled, startSshd } from '../support/sshd.ts';
import { until } from '../support/until.ts';

/** A busy engine takes its time to start a task. */
const LIMIT_MS = 120_000;

describeOnEngine('a task whose node is gone when its server comes back', () => {
  it.skipIf(!sshdIsInstalled())(
    'has failed for that reason, with its logs as its artifact',
    { timeout: 2 * LIMIT_MS },
    async () => {
      await using desk = await openDesk();
      await using sshd = await startSshd();
      await using server = await openServer({
        flags: ['--provisioner', 'ssh', '--ssh-hosts', `${sshd.username}@127.0.0.1:${sshd.port}`],
        env: { PATH: `${sshd.bin}:${process.env.PATH}` },
      });
      const alfred = (...args: readonly string[]) => desk.alfred(['--remote', server.remote, ...args]);
      const path = await desk.job({ script: 'echo "the last words"; touch $ALFRED_OUTPUT/made; sleep 1000', tasks: ['unit'] });
      const watching = alfred('run', path, '--artifacts', 'as-it-ended');
      await until(async () => (await alfred('logs', desk.jobName, 'unit')).stdout.includes('the last words'), LIMIT_MS);

      await server.kill();
      await server.start('--ssh-hosts', `${sshd.username}@127.0.0.1:1`);

      const reason = `its node was lost: ${sshd.username}@127.0.0.1:${sshd.port}, which node node-1 was, is not in --ssh-hosts any more`;
      const { exitCode, stderr } = await watching;
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`unit failed: ${reason}`);
      expect(stderr).toContain('the last words');
      expect((await alfred('logs', desk.jobName, 'unit')).stdout).toContain('the last words');

      await alfred('artifact', desk.jobName, 'unit', '--output', 'later');
      for (const folder of ['as-it-ended', 'later']) {
        const files = await filesIn(join(desk.path, folder, 'unit.tar.zst'));
        expect(withoutTimestamps(files['unit-step-1.log'])).toBe('the last words\n');
        expect(files['unit-alfred.log']).toContain(reason);
        expect(Object.keys(files).join()).not.toContain('made');
      }
      await until(async () => (await readdir(join(server.data, 'logs'))).length === 0);
      expect((await server.stop()).exitCode).toBe(0);
    },
  );
});

import { nodeContract } from '../contract/node.ts';
import { describeOnEngine, leftOnEngine } from '../support/engine.ts';
import { redisImage } from '../support/images.ts';
import { startSshd } from '../support/sshd.ts';

nodeContract('a host over ssh', describeOnEngine, async () => {
  const sshd = await startSshd();
  return {
    flags: ['--provisioner', 'ssh', '--ssh-hosts', `${sshd.username}@127.0.0.1:${sshd.port}`, '--slots-per-node', '2'],
    // The `ssh` in it knows the way in.
    env: { PATH: `${sshd.bin}:${process.env.PATH}` },
    redis: await redisImage(),
    left: leftOnEngine,
    [Symbol.asyncDispose]: () => sshd[Symbol.asyncDispose](),
  };
});

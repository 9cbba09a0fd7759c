import { nodeContract } from '../contract/node.ts';
import { describeOnEngine, leftOnEngine } from '../support/engine.ts';
import { redisImage } from '../support/images.ts';

nodeContract("this machine's engine", describeOnEngine, async () => ({
  flags: ['--max-nodes', '1', '--slots-per-node', '2'],
  redis: await redisImage(),
  left: leftOnEngine,
  [Symbol.asyncDispose]: async () => {},
}));

import { describe } from 'vitest';
import { nodeContract } from '../contract/node.ts';
import { redisImage } from '../support/images.ts';
import { FLAGS, MACHINE, openTenant } from '../support/openstack.ts';
import { startRegistry } from '../support/registry.ts';

const LIMIT_MS = 900_000;

nodeContract(
  'a machine of OpenStack',
  describe,
  async () => {
    const tenant = await openTenant();
    // Machines have no way out of the lab: a registry on this side is all that they can pull from.
    const registry = await startRegistry('public', MACHINE);
    return {
      flags: [...FLAGS, '--max-nodes', '1', '--node-idle-timeout', '1h'],
      env: tenant.env,
      redis: await registry.push(await redisImage(), 'redis'),
      left: tenant.left,
      [Symbol.asyncDispose]: async () => {
        await registry[Symbol.asyncDispose]();
        await tenant[Symbol.asyncDispose]();
      },
    };
  },
  LIMIT_MS,
);

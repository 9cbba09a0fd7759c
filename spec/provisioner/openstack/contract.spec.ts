import { onTestFinished } from 'vitest';
import { openstackContract, realCloud } from '../../contract/openstack.ts';
import { fakeOpenstack } from '../../support/fake-openstack.ts';
import { createTestClock } from '../../support/test-clock.ts';

openstackContract('a fake cloud', async () => {
  const time = createTestClock();
  const cloud = await fakeOpenstack({ now: time.clock.now });
  onTestFinished(async () => {
    time[Symbol.dispose]();
    await cloud[Symbol.asyncDispose]();
  });
  return { env: cloud.env, clock: time.clock, run: time.run };
});

// With the openrc of a real one in the environment: servers are made there, and deleted again.
if (process.env.OS_AUTH_URL) openstackContract('the cloud at OS_AUTH_URL', () => realCloud(process.env));

import { openstackContract, realCloud } from '../../contract/openstack.ts';
import { openFakeCloud } from './support.ts';

openstackContract('a fake cloud', async () => {
  const { cloud, time } = await openFakeCloud();
  return { env: cloud.env, clock: time.clock, run: time.run };
});

// With the openrc of a real one in the environment: servers are made there, and deleted again.
if (process.env.OS_AUTH_URL) openstackContract('the cloud at OS_AUTH_URL', () => realCloud(process.env));

import { onTestFinished } from 'vitest';
import { openstackContract, realCloud } from '../contract/openstack.ts';
import { openTenant } from '../support/openstack.ts';

openstackContract('a real cloud', async () => {
  const tenant = await openTenant();
  onTestFinished(() => tenant[Symbol.asyncDispose]());
  return realCloud(tenant.env);
});

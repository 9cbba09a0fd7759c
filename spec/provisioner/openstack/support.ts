import { onTestFinished } from 'vitest';
import { openStage, type Stage } from '../../contract/openstack.ts';
import { type FakeOpenstack, fakeOpenstack } from '../../support/fake-openstack.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

/** A fake cloud whose time passes only while nobody does anything; gone when the test has ended. */
export const openFakeCloud = async (): Promise<{ readonly cloud: FakeOpenstack; readonly time: TestClock }> => {
  const time = createTestClock();
  const cloud = await fakeOpenstack({ now: time.clock.now });
  onTestFinished(async () => {
    time[Symbol.dispose]();
    await cloud[Symbol.asyncDispose]();
  });
  return { cloud, time };
};

/** Alfred in front of a fake cloud. */
export const openFakeStage = async (): Promise<
  Stage & { readonly cloud: FakeOpenstack; readonly time: TestClock; readonly run: TestClock['run'] }
> => {
  const { cloud, time } = await openFakeCloud();
  const stage = await openStage({ env: cloud.env, clock: time.clock, run: time.run });
  return { ...stage, cloud, time, run: time.run };
};

import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** A machine boots in half a minute, and in several on a machine that is busy. */
const openstack: TestProjectInlineConfiguration = {
  test: {
    name: 'openstack',
    root: 'spec',
    include: ['e2e/openstack*.spec.ts'],
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
};

/**
 * Two projects: `specs` need nothing but Node; `e2e` need a Docker engine, and run one file after the other on it. A third one,
 * `openstack`, is there when a lab is (`hack/openstack`): its machines are slow, so it is asked for by name.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'specs',
          root: 'spec',
          include: ['**/*.spec.ts'],
          exclude: ['e2e/**'],
          // Not how long a spec may take, but when it will never end: machines may be busy.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          root: 'spec',
          include: ['e2e/**/*.spec.ts'],
          exclude: ['e2e/openstack*.spec.ts'],
          fileParallelism: false,
          ...(process.env.ALFRED_SKIP_E2E === undefined ? {} : { runner: './support/skip-all.ts' }),
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      ...(process.env.ALFRED_OPENSTACK_LAB === undefined ? [] : [openstack]),
    ],
  },
});

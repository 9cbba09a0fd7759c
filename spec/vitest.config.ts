import { defineConfig } from 'vitest/config';

/** Two projects: `specs` need nothing but Node; `e2e` need a Docker engine, and run one file after the other on it. */
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
          fileParallelism: false,
          ...(process.env.ALFRED_SKIP_E2E === undefined ? {} : { runner: './support/skip-all.ts' }),
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

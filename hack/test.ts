/** `npm test`: builds, finds an engine and the programs that the specs use, then runs every spec. Arguments go to vitest. */
import { mkdir } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { execa } from 'execa';
import { build } from './build.ts';
import { ensureEngine } from './setup/engine.ts';
import { ensureSpecPackages } from './setup/spec-packages.ts';
import { REPORT, readReport } from './test-report.ts';

const runSpecs = async (env: Readonly<Record<string, string>>): Promise<number> => {
  await mkdir(dirname(REPORT), { recursive: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const vitest = await execa('vitest', ['run', '--config', 'spec/vitest.config.ts', ...reporters, ...process.argv.slice(2)], {
    preferLocal: true,
    stdio: 'inherit',
    reject: false,
    env,
  });
  return vitest.exitCode ?? 1;
};

/** By name, where nobody overlooks it: green without them says little about Alfred. */
const tellSkipped = async (why: string): Promise<void> => {
  const { skipped } = await readReport();
  console.error(`\nSKIPPED, ${skipped.length} specs:`);
  for (const title of skipped) console.error(`  ${relative('', title)}`);
  console.error(`The end-to-end specs did not run: ${why}.`);
};

await build();
const whyNot = (await ensureEngine()) ?? (await ensureSpecPackages());
if (whyNot === null) {
  process.exitCode = await runSpecs({});
} else if (process.env.CI === undefined) {
  console.error(`The end-to-end specs are skipped: ${whyNot}.`);
  process.exitCode = await runSpecs({ ALFRED_SKIP_E2E: whyNot });
  await tellSkipped(whyNot);
} else {
  console.error(`In CI nothing is skipped, and the end-to-end specs can't run: ${whyNot}.`);
  process.exitCode = 1;
}

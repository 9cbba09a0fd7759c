/** `npm run quickstart`: builds, finds an engine, runs the sample job in one command, and says what to do next. */
import { join } from 'node:path';
import { execa } from 'execa';
import { build } from './build.ts';
import { ensureEngine } from './setup/engine.ts';

const ROOT = join(import.meta.dirname, '..');
const ARTIFACTS = 'alfred-artifacts';
const RUN = ['run', '--local', '--artifacts', ARTIFACTS, 'hack/test-job.yaml'];

const NEXT = `
The three artifacts, each with the task's log and what the task wrote to /alfred/output:
  ${ARTIFACTS}/alpha.tar.zst
  ${ARTIFACTS}/beta.tar.zst
  ${ARTIFACTS}/gamma.tar.zst

Next:
  bin/alfred run --local hack/test-job.yaml              the same again; change the jobfile, or write your own
  bin/alfred-server --listen 127.0.0.1:25373             a server that stays, for you and your colleagues, then, elsewhere:
  bin/alfred --remote 127.0.0.1 run hack/test-job.yaml
  npm test                                               every spec
`;

await build();
const whyNot = await ensureEngine();
if (whyNot !== null) {
  console.error(`Alfred runs tasks in containers, but ${whyNot}. Then: npm run quickstart`);
  process.exit(1);
}
console.error(`$ bin/alfred ${RUN.join(' ')}`);
const { exitCode } = await execa(join(ROOT, 'bin/alfred'), RUN, { cwd: ROOT, stdio: 'inherit', reject: false });
if (exitCode === 0) console.log(NEXT);
process.exitCode = exitCode ?? 1;

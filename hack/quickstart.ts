/** `npm run quickstart`: builds, finds an engine, runs the sample job in one command, and says what to do next. */
import { join } from 'node:path';
import { execa } from 'execa';
import { build } from './build.ts';
import { ensureEngine } from './setup/engine.ts';

const ROOT = join(import.meta.dirname, '..');
const JOB = 'hack/test-job.yaml';

const NEXT = `
Each artifact holds its task's log and what the task wrote to /alfred/output. What to type next:

  bin/alfred run --local ${JOB}          the same again: change the job, or write your own
  bin/alfred-server --listen 127.0.0.1:25373         a server that stays; then, in another terminal:
  bin/alfred --remote 127.0.0.1 run ${JOB}
  bin/alfred --help
  npm test                                           every spec, on this engine`;

await build();
const whyNot = await ensureEngine();
if (whyNot !== null) {
  console.error(`Alfred runs tasks in containers, but ${whyNot}. Then again: npm run quickstart`);
  process.exit(1);
}
console.error(`$ bin/alfred run --local ${JOB}`);
const { exitCode } = await execa(join(ROOT, 'bin/alfred'), ['run', '--local', JOB], {
  cwd: ROOT,
  stdio: 'inherit',
  reject: false,
});
if (exitCode === 0) console.error(NEXT);
process.exitCode = exitCode ?? 1;

/**
 * `npm run openstack-test`: brings the lab up, runs the specs that need it, and takes it down again. `--keep` leaves it up, for the
 * next run; all other arguments go to vitest.
 */
import { join } from 'node:path';
import { execa } from 'execa';
import { build } from '../build.ts';
import { ensureEngine } from '../setup/engine.ts';
import { ensureSpecPackages } from '../setup/spec-packages.ts';

const LAB_SCRIPT = join(import.meta.dirname, 'lab.sh');
const LAB = process.env.ALFRED_OPENSTACK_LAB ?? '/var/tmp/alfred-openstack';
const env = { ALFRED_OPENSTACK_LAB: LAB };

const lab = (command: 'up' | 'down') => execa(LAB_SCRIPT, [command], { stdio: 'inherit', env, reject: false });

const runSpecs = async (args: readonly string[]): Promise<number> => {
  const vitest = ['run', '--config', 'spec/vitest.config.ts', '--project', 'openstack', ...args];
  const { exitCode } = await execa('vitest', vitest, { preferLocal: true, stdio: 'inherit', env, reject: false });
  return exitCode ?? 1;
};

// Ctrl+C reaches the specs, too, which clean up and end; the lab goes down all the same.
process.on('SIGINT', () => undefined);

const args = process.argv.slice(2);
const isKept = args.includes('--keep');

await build();
const whyNot = (await ensureEngine()) ?? (await ensureSpecPackages());
if (whyNot !== null) {
  console.error(`The specs with OpenStack can't run: ${whyNot}.`);
  process.exit(1);
}
const up = await lab('up');
process.exitCode = up.exitCode === 0 ? await runSpecs(args.filter(arg => arg !== '--keep')) : 1;
if (!isKept) await lab('down');

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** Where we may install what is missing ourselves. */
export const isRootOnDebian = (): boolean => process.getuid?.() === 0 && existsSync('/etc/debian_version');

/** Installs Debian packages; the daemons among them stay down. Throws where it can't, after apt-get's own words. */
export const installPackages = async (packages: readonly string[]): Promise<void> => {
  console.error(`Installing ${packages.join(' ')} (apt-get)…`);
  await execa(join(import.meta.dirname, 'apt-install.sh'), packages, { stdin: 'ignore', stdout: 'inherit', stderr: 'inherit' });
};

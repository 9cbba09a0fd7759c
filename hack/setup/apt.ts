import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** Where we may install what is missing ourselves. */
export const isRootOnDebian = (): boolean => process.getuid?.() === 0 && existsSync('/etc/debian_version');

/** Installs Debian packages; the daemons among them stay down. Throws with apt-get's words where it can't. */
export const installPackages = async (packages: readonly string[]): Promise<void> => {
  const names = packages.join(' ');
  console.error(`Installing ${names} (apt-get)…`);
  const apt = await execa(join(import.meta.dirname, 'apt-install.sh'), packages, { all: true, reject: false, stdin: 'ignore' });
  if (apt.failed) throw new Error(`apt-get could not install ${names}:\n${apt.all}`);
};

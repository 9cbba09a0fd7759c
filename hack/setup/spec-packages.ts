/** The programs that end-to-end specs put into images or talk to: no registry is asked for any image. */
import { execa } from 'execa';
import { agreed } from './agreed.ts';
import { installPackages, isRootOnDebian } from './apt.ts';

/** Debian's names. Only their programs are used; none runs as a daemon of the machine. */
const PACKAGES = [
  'busybox-static', // what steps run
  'docker-registry', // a real pull, and a real "not found"
  'redis-server', // a real service
  'openssh-server', // the far end of a tunnel, and a node
  'openssh-client',
  'socat',
  'jq', // what scripts read documents with
  'iproute2', // a bridge for an engine of a spec's own
];

const missingPackages = async (): Promise<readonly string[] | null> => {
  const dpkg = await execa('dpkg', ['--get-selections', ...PACKAGES], { reject: false });
  if (dpkg.code === 'ENOENT') return null;
  const selections = String(dpkg.stdout).split('\n');
  return PACKAGES.filter(name => !selections.some(line => new RegExp(`^${name}(:\\w+)?\\s+(install|hold)$`).test(line)));
};

/** Returns `null` when all are there, else one line that says what to do. As root on Debian or Ubuntu installs what is missing, having asked. */
export const ensureSpecPackages = async (): Promise<string | null> => {
  const missing = await missingPackages();
  if (missing === null) return 'they use programs from Debian packages: run them on Debian or Ubuntu';
  if (missing.length === 0) return null;
  if (isRootOnDebian() && (await agreed(`Install what the end-to-end specs use (${missing.join(', ')})?`))) {
    await installPackages(missing);
    return null;
  }
  return `they use Debian packages that are not installed: sudo apt install ${missing.join(' ')}`;
};

import { shellQuote } from '../../base/shell-quote.ts';
import { DialError, type Link, parseSocket } from './link.ts';
import { addressOf, type Target } from './words.ts';

/** Where Docker was not to be had. */
export type DialPlace = { readonly link: Link; readonly dockerSocket: string; readonly target: Target };

/** The host says no more than that it could not: a look at the socket there tells why. */
const LOOK_LIMIT_MS = 10_000;

/** Why Docker's socket could not be connected to, and what to do. Its code tells whether that may pass: an engine that restarts is away. */
export const dockerDialError = async (error: unknown, place: DialPlace): Promise<unknown> => {
  if (!(error instanceof DialError) || place.link.lost.aborted) return error;
  const { code, words } = error.refused ? forwardingRefused(place) : await look(place);
  return Object.assign(new Error(`Docker on ${addressOf(place.target)}: ${words}`, { cause: error }), { code });
};

type Explanation = { readonly code: string; readonly words: string };

const forwardingRefused = ({ dockerSocket }: DialPlace): Explanation => ({ code: 'EPERM', words: refusedWords(dockerSocket) });

const refusedWords = (dockerSocket: string): string => {
  const option = 'path' in parseSocket(dockerSocket) ? 'AllowStreamLocalForwarding' : 'AllowTcpForwarding';
  return `its sshd forwards no connections to ${dockerSocket}: set ${option} yes in /etc/ssh/sshd_config there, and DisableForwarding no`;
};

const look = async (place: DialPlace): Promise<Explanation> => {
  const { link, dockerSocket, target } = place;
  const socket = parseSocket(dockerSocket);
  if (!('path' in socket))
    return {
      code: 'ECONNREFUSED',
      words: `nothing answers at ${dockerSocket} as seen from there: is the Docker engine running?`,
    };
  switch (await lookAt(link, socket.path)) {
    case 'missing':
      return { code: 'ENOENT', words: `there is no ${socket.path}: is the Docker engine installed and running?` };
    case 'forbidden':
      return {
        code: 'EACCES',
        words: `${target.username} may not use ${socket.path}: add the user to the socket's group (sudo usermod -aG docker ${target.username})`,
      };
    case 'listening':
      // Not for good: an engine that restarts may listen again by now.
      return { code: 'ECONNREFUSED', words: refusedWords(dockerSocket) };
    default:
      return { code: 'ECONNREFUSED', words: `nobody listens at ${socket.path}: is the Docker engine running?` };
  }
};

const lookAt = async (link: Link, path: string): Promise<string> => {
  const quoted = shellQuote(path);
  // A folder on the way that is closed to the user hides the socket: that is no missing engine.
  const script = `
    if [ -w ${quoted} ]; then
      if sed 's/.* //' /proc/net/unix | grep -qFx -e ${quoted} -e "$(readlink -f ${quoted})"
      then echo listening; else echo silent; fi
    elif [ -e ${quoted} ] || { [ -d "$(dirname ${quoted})" ] && ! [ -x "$(dirname ${quoted})" ]; }; then echo forbidden
    else echo missing; fi`;
  const { stdout, ended } = await link.run(script, AbortSignal.timeout(LOOK_LIMIT_MS));
  const said = Buffer.concat(await Array.fromAsync(stdout)).toString();
  await ended;
  return said.trim();
};

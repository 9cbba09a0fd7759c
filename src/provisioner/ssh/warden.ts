/**
 * What sees to it that no command outlives its connection. sshd leaves what it started alone when a channel or the connection goes,
 * and takes no signals for root: a command that neither reads nor writes would run for ever. So each command carries a mark in its
 * environment, and one script on the host ends those with a mark: when it is told to, and when its own channel goes.
 */
import { randomUUID } from 'node:crypto';

/** In a command's environment, and in that of all it starts. */
const MARK = 'ALFRED_SSH_COMMAND';

/** The marks of the commands of one connection, all beginning alike. */
export type Marks = {
  readonly prefix: string;
  /** Ends with a dot, so that none is the beginning of another. */
  next(): string;
};

export const createMarks = (): Marks => {
  const prefix = `${randomUUID()}.`;
  let count = 0;
  return {
    prefix,
    next: () => {
      count += 1;
      return `${prefix}${count}.`;
    },
  };
};

/** The warden's first line: it watches, and the login shell is quiet. */
export const WARDEN_READY = 'alfred-ready';

/**
 * The warden's script: a mark per line on its input ends the commands whose marks begin so; the end of its input ends all of the
 * connection's. Twice: some don't listen to SIGTERM, and one that was about to start shows its mark a moment later.
 */
export const wardenScript = ({ prefix }: Marks): string => `
trap '' HUP PIPE
signal_marked() {
  for file in $(grep -lF "${MARK}=$2" /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${file#/proc/}
    kill -"$1" "\${pid%/environ}" 2>/dev/null
  done
}
end_marked() {
  signal_marked TERM "$1"
  sleep 2
  signal_marked KILL "$1"
}
echo ${WARDEN_READY}
while read -r mark; do end_marked "$mark" </dev/null >/dev/null 2>&1 & done
end_marked ${prefix}
`;

/**
 * The command line that runs a script, marked, whatever the user's login shell: no shell's own quoting touches base64. The mark is
 * there from the first moment, as `/proc` shows the environment that a program was started with, not what it exports later.
 */
export const commandLine = (script: string, mark: string | null): string => {
  const shell = `sh -c 'script=$(printf %s "$1" | base64 -d) && shift && eval "$script"' alfred`;
  const env = mark === null ? '' : `env ${MARK}=${mark} `;
  return `exec ${env}${shell} ${Buffer.from(script).toString('base64')}`;
};

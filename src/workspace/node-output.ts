/** A task's `output` on another machine, packed there by GNU tar under the rules of `tar-of.ts`, and compressed there if it can. */
import { shellQuote } from '../base/shell-quote.ts';
import { compress } from '../base/zstd.ts';
import type { RemoteHost } from '../engine/ports.ts';
import { asRoot, endOf, type PlaceOnNode, quotedPath, startScript } from './remote-script.ts';
import { unreadable } from './tar-of.ts';

export type NodeOutput = {
  /** What is to be said in the archive of what is left out. */
  readonly notices: readonly string[];
  /** As a `.tar.zst`. Rejects when not all of it came, with {@link UnreachableError} when the connection broke. */
  readonly archive: AsyncIterable<Uint8Array>;
};

/** Of which task, without what has one of the names `except`. */
export type WhatToPack = PlaceOnNode & { readonly except: readonly string[] };

/**
 * Begins to pack. Ends the command on the node once `signal` aborts, which the caller does in any case. Rejects where there is no
 * such folder; a link in its place is none.
 */
export const packOnNode = async (host: RemoteHost, what: WhatToPack, signal: AbortSignal): Promise<NodeOutput> => {
  const command = await startScript(host, packScript(what), signal);
  const chunks = command.stdout[Symbol.asyncIterator]();
  const checkEnd = (): Promise<void> => endOf(host, command, signal);
  const { fields, rest } = await readHead(chunks, checkEnd);
  const [coding, ...leftOut] = fields;
  const content = contentOf(rest, chunks, checkEnd);
  return {
    notices: leftOut.length > 0 ? [unreadable(leftOut.toSorted())] : [],
    archive: coding === 'zstd' ? content : compress(content),
  };
};

/**
 * Prints how the archive is coded and the paths that are left out, each ended by a NUL and all of them by one more; then the archive.
 *
 * tar walks below the folder that the script stands in, never by a link, however the container changes it meanwhile. A list of all
 * files instead of only the topmost would let a link in the middle of a path lead out.
 */
const packScript = ({ root, task, except }: WhatToPack): string => {
  const isNone = except.map(name => `! -name ${shellQuote(name)}`).join(' ');
  return `
cd ${quotedPath(root)} || exit 1
${asRoot(`
here=$(pwd -P)
enter ${shellQuote(task)} && enter output || fail "there is no folder $here/"${shellQuote(task)}/output
set --
coding=tar
if command -v zstd >/dev/null; then coding=zstd; set -- '--use-compress-program=zstd -q'; fi
printf '%s\\0' "$coding"
find . -mindepth 1 \\( -type f ! -readable -o -type d ! \\( -readable -executable \\) \\) -printf '%P\\0' 2>/dev/null
printf '\\0'
find . -mindepth 2 \\( -type p -o -type b -o -type c \\) -printf '%P\\n' 2>/dev/null | {
  exec 3<&0
  find . -mindepth 1 -maxdepth 1 \\( -type f -o -type d -o -type l \\) ${isNone} -printf '%P\\0' | sort -z |
    tar --create --file=- "$@" --format=gnu --sort=name --hard-dereference --owner=0 --group=0 --numeric-owner \\
      --ignore-failed-read --warning=none --anchored --no-wildcards --exclude-from=/dev/fd/3 \\
      --null --verbatim-files-from --no-unquote --files-from=-
  # With 1, files have changed meanwhile.
  [ $? -le 1 ]
}
`)}`;
};

/** Two ends of fields in a row: there are no empty ones. */
const END_OF_HEAD = Buffer.of(0, 0);

const readHead = async (chunks: AsyncIterator<Uint8Array>, checkEnd: () => Promise<void>) => {
  let read = Buffer.alloc(0);
  for (;;) {
    const end = read.indexOf(END_OF_HEAD);
    if (end >= 0) return { fields: read.toString('utf8', 0, end).split('\0'), rest: read.subarray(end + END_OF_HEAD.length) };
    const { done, value } = await chunks.next();
    if (done) {
      await checkEnd();
      throw new Error('the archive ended before it began');
    }
    read = Buffer.concat([read, value]);
  }
};

async function* contentOf(
  first: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
  checkEnd: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => chunks };
  await checkEnd();
}

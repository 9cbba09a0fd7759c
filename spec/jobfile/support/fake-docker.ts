import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/**
 * A `docker` program at the head of PATH, whose builds run the Dockerfile as a shell script: `$IID` is where the image's id goes,
 * `$DOCKER_BUILDKIT` and the working directory are the build's own. `$FAKE` is a folder that scripts can leave files in.
 */
export type FakeDocker = AsyncDisposable & {
  readonly folder: string;
  /** The command lines so far, without what looks for the engine. */
  builds(): Promise<readonly string[]>;
};

const DOCKER = `#!/bin/sh
case "$1 $2" in
  "version --format") [ -z "$NO_ENGINE" ] || { echo "$NO_ENGINE" >&2; exit 1; }; echo 28.0.0; exit ;;
  "buildx version") [ -n "$BUILDX" ]; exit ;;
  save*) [ "$2" = sha256:there ] || { echo "Error: No such image: $2" >&2; exit 1; }; printf 'a tar stream'; exit ;;
esac
echo "$*" >> "$FAKE/builds"
while [ $# -gt 0 ]; do
  case "$1" in
    --iidfile) export IID="$2"; shift ;;
    --file) FILE="$2"; shift ;;
  esac
  shift
done
exec sh "$FILE"
`;

export async function fakeDocker(env: Readonly<Record<string, string>> = {}): Promise<FakeDocker> {
  const folder = await temporaryFolder();
  const bin = join(folder.path, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'docker'), DOCKER);
  await chmod(join(bin, 'docker'), 0o755);
  for (const [name, value] of Object.entries({
    PATH: `${bin}:/usr/bin:/bin`,
    FAKE: folder.path,
    DOCKER_BUILDKIT: undefined,
    ...env,
  })) {
    vi.stubEnv(name, value);
  }
  return {
    folder: folder.path,
    builds: async () => (await readFile(join(folder.path, 'builds'), 'utf8').catch(() => '')).split('\n').slice(0, -1),
    [Symbol.asyncDispose]: async () => {
      vi.unstubAllEnvs();
      await folder[Symbol.asyncDispose]();
    },
  };
}

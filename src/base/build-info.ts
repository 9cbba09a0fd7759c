/** What a build knows of itself. `hack/build.ts` writes it into the bundle; sources that run unbundled get the fall-back. */
export type BuildInfo = {
  readonly version: string;
  /** The commit that was built, short; with `-dirty` when the work tree held more than that. */
  readonly commit: string;
  /** `owner/name` on GitHub: where releases come from. */
  readonly repository: string;
  /** `host:port` of the server that the client asks when it is told no other. */
  readonly defaultRemote: string;
};

/** JSON, put in place by esbuild's `define`. A name that is not there otherwise: `typeof` is the way to ask that never throws. */
declare const ALFRED_BUILD_INFO: string | undefined;

const DEVELOPMENT: BuildInfo = {
  version: 'dev',
  commit: 'unknown',
  repository: 'tipee-sa/alfred',
  defaultRemote: 'alfred.tipee.dev:25373',
};

export const buildInfo: BuildInfo = typeof ALFRED_BUILD_INFO === 'undefined' ? DEVELOPMENT : JSON.parse(ALFRED_BUILD_INFO);

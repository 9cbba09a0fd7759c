/** Bundles what ships, `dist/alfred.js` and `dist/alfred-server.js`, and makes the sample job's program. Takes a second. */
import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import manifest from '../package.json' with { type: 'json' };
import type { BuildInfo } from '../src/base/build-info.ts';
import { writeProgram } from './test-job/program.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

const git = (...args: readonly string[]): string =>
  execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

/** `unknown` outside a clone: a downloaded archive builds as well. */
const commit = (): string => {
  try {
    return git('describe', '--always', '--dirty', '--exclude=*');
  } catch {
    return 'unknown';
  }
};

const buildInfo: BuildInfo = {
  version: manifest.version,
  commit: commit(),
  repository: 'tipee-sa/alfred',
  defaultRemote: 'alfred.tipee.dev:25373',
};

/** What CommonJS packages take for granted, for when they stand inside an ES module. */
const COMMON_JS = [
  `import { createRequire as createRequireOfModule } from 'node:module';`,
  `const require = createRequireOfModule(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;`,
].join('\n');

const bundle = async (): Promise<void> => {
  await rm(DIST, { recursive: true, force: true });
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: { cli: 'src/cli/main.ts', server: 'src/server/main.ts' },
    outdir: DIST,
    bundle: true,
    // A chunk per lazy import: a command loads what it needs, `--local` alone loads the server.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node26',
    // For Node, RxJS offers CommonJS alone, all of it or nothing: a third of what a command has to load before it can start.
    alias: { rxjs: join(ROOT, 'node_modules/rxjs/dist/esm/index.js') },
    // Native parts of ssh2 that are never built here: it asks for them, and does without.
    external: ['cpu-features', '*.node'],
    banner: { js: COMMON_JS },
    // As a text: an object would become a module of its own, called from everywhere.
    define: { ALFRED_BUILD_INFO: JSON.stringify(JSON.stringify(buildInfo)) },
    // Not minified: a stack trace shows the line, and with the compile cache the size costs nothing.
    logLevel: 'warning',
  });
};

/**
 * The programs proper only turn on Node's compile cache, beside the bundle, and load the rest: the cache works for modules
 * loaded after it was turned on. Where `dist` can't be written, Node goes on without it.
 */
const writePrograms = async (): Promise<void> => {
  const program = (main: string) =>
    `import { enableCompileCache } from 'node:module';\n` +
    `enableCompileCache(import.meta.dirname + '/compile-cache');\n` +
    `await import('./${main}.js');\n`;
  await writeFile(join(DIST, 'alfred.js'), program('cli'));
  await writeFile(join(DIST, 'alfred-server.js'), program('server'));
};

export const build = async (): Promise<void> => {
  // What is wrong with the sources esbuild has said by itself, with the lines; a stack trace of esbuild adds nothing.
  await bundle().catch(() => process.exit(1));
  await Promise.all([writePrograms(), writeProgram()]);
};

if (import.meta.main) await build();

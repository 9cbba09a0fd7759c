/** Paths as text, without looking at any file. The `os` forms are those of Linux, where tasks run, wherever the client runs. */
import { posix } from 'node:path';
import { fn, type TemplateFunction, text } from '../template/function.ts';

/** Go's `path.Clean`. */
function clean(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 ? normal.replace(/\/$/, '') : normal;
}

function base(path: string): string {
  if (path === '') return '.';
  return path.replace(/\/+$/, '').split('/').at(-1) || '/';
}

/** All but the last element, clean; a path that ends in a slash is a folder already. */
const dir = (path: string): string => clean(path.slice(0, path.lastIndexOf('/') + 1));

/** From the last dot of the last element on, even if nothing comes before or after it. */
const ext = (path: string): string => /\.[^./]*$/.exec(path)?.[0] ?? '';

const onPath = <Result extends string | boolean>(of: (path: string) => Result): TemplateFunction =>
  fn([text('path')], path => of(path));

const [pathBase, pathDir, pathClean, pathExt, pathIsAbs] = [
  onPath(base),
  onPath(dir),
  onPath(clean),
  onPath(ext),
  onPath(posix.isAbsolute),
];

export const paths: Readonly<Record<string, TemplateFunction>> = {
  base: pathBase,
  dir: pathDir,
  clean: pathClean,
  ext: pathExt,
  isAbs: pathIsAbs,
  osBase: pathBase,
  osDir: pathDir,
  osClean: pathClean,
  osExt: pathExt,
  osIsAbs: pathIsAbs,
};

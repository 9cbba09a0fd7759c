import type { Cases } from './case.ts';

export const paths: Cases = {
  base: [
    ['base "foo/bar/baz"', 'baz'],
    ['base ""', '.'],
    ['base "/"', '/'],
    ['base "a/"', 'a'],
  ],
  dir: [
    ['dir "foo/bar/baz"', 'foo/bar'],
    ['dir "a"', '.'],
    ['dir "a/b/"', 'a/b'],
    ['dir ""', '.'],
  ],
  clean: [
    ['clean "foo/bar/../baz"', 'foo/baz'],
    ['clean ""', '.'],
    ['clean "/../a//b/./c/"', '/a/b/c'],
  ],
  ext: [
    ['ext "foo.bar"', '.bar'],
    ['ext "a.b/c"', ''],
    ['ext ".bashrc"', '.bashrc'],
  ],
  isAbs: [
    ['isAbs "/a"', 'true'],
    ['isAbs "a"', 'false'],
  ],
  osBase: [
    ['osBase "/foo/bar/baz"', 'baz'],
    ['osBase "a"', 'a'],
  ],
  osDir: [
    ['osDir "/foo/bar/baz"', '/foo/bar'],
    ['osDir "/"', '/'],
  ],
  osClean: [
    ['osClean "/foo/bar/../baz"', '/foo/baz'],
    ['osClean "../../a"', '../../a'],
  ],
  osExt: [
    ['osExt "/foo.bar"', '.bar'],
    ['osExt "a."', '.'],
  ],
  osIsAbs: [
    ['osIsAbs "/foo"', 'true'],
    ['osIsAbs "foo"', 'false'],
  ],
};

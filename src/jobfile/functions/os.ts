/** The environment that the client was started in. */
import { fn, type TemplateFunction, text } from '../template/function.ts';

export const os: Readonly<Record<string, TemplateFunction>> = {
  env: fn([text('name')], (name, { env }) => env[name] ?? ''),
  /** `$NAME` and `${NAME}`; what is not set is nothing, and so are the shell's own (`$1`, `$$`). */
  expandenv: fn([text('text')], (from, { env }) =>
    from.replace(
      /\$(?:\{([^}]*)\}|([A-Za-z_]\w*)|[0-9*#$@!?-])/g,
      (_, braced?: string, bare?: string) => env[braced ?? bare ?? ''] ?? '',
    ),
  ),
};

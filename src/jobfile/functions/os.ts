/** The environment that the client was started in. */
import { type CallContext, fn, type TemplateFunction, text } from '../template/function.ts';

/** The environment is an object of JavaScript, with more names in reach than variables. */
const variable = (env: CallContext['env'], name: string): string => (Object.hasOwn(env, name) ? (env[name] ?? '') : '');

export const os: Readonly<Record<string, TemplateFunction>> = {
  env: fn([text('name')], (name, { env }) => variable(env, name)),
  /** `$NAME` and `${NAME}`; what is not set is nothing, and so are the shell's own (`$1`, `$$`). */
  expandenv: fn([text('text')], (from, { env }) =>
    from.replace(/\$(?:\{([^}]*)\}|([A-Za-z_]\w*)|[0-9*#$@!?-])/g, (_, braced?: string, bare?: string) =>
      variable(env, braced ?? bare ?? ''),
    ),
  ),
};

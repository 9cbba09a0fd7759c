import type { Log } from '../../src/base/log.ts';

const nothing = () => undefined;

/** For specs whose subject is not the log. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

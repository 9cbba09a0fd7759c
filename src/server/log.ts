import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel, ServerOptions } from './options.ts';

const LEVELS: Readonly<Record<LogLevel, string>> = { DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' };

/** The server's log on stderr: a JSON document a line, or text for people. */
export const createLog = ({
  logLevel,
  logFormat,
  logSource,
}: Pick<ServerOptions, 'logLevel' | 'logFormat' | 'logSource'>): Logger =>
  pino(
    {
      level: LEVELS[logLevel],
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      ...(logSource ? { mixin: () => ({ source: callerOfLog() }) } : {}),
    },
    logFormat === 'text'
      ? pretty({ destination: 2, sync: true, colorize: process.stderr.isTTY === true })
      : pino.destination({ dest: 2, sync: true }),
  );

/** `file:line` of whoever logs: the first frame outside this file and pino. */
const callerOfLog = (): string | undefined =>
  new Error().stack
    ?.split('\n')
    .slice(1)
    .find(frame => !frame.includes('/pino/') && !frame.includes('callerOfLog') && !frame.includes('mixin'))
    ?.replace(/^.*?\(?((?:file:\/\/)?\/[^)]*?):\d+\)?$/, '$1');

/** Where a program says what it does: the part of pino that the house uses, so that only `server/` knows pino. */
export type Log = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

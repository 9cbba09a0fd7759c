/** A terminal whose keys are passed on as they come, Ctrl+C included. */
import type { Readable } from 'node:stream';

/** Where keys come from; a pipe or a file has no modes. */
export type Keyboard = Readable & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };

/** The terminal is given back by the function that it returns, and whatever ends the process. */
export const enterRawMode = (keyboard: Keyboard): (() => void) => {
  keyboard.setRawMode?.(true);
  const leave = (): void => {
    process.off('exit', leave);
    keyboard.setRawMode?.(false);
  };
  process.once('exit', leave);
  return leave;
};

import { setTimeout as delay } from 'node:timers/promises';

/** Waits for what others do and nobody tells: asks until the answer is yes. Fails after a while that is long for anything. */
export const until = async (isSo: () => Promise<boolean>, limitMs = 60_000): Promise<void> => {
  const giveUpAt = Date.now() + limitMs;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`waited ${limitMs / 1_000} s in vain: ${isSo}`);
    await delay(20);
  }
};

const INTERVAL_MS = 1_000;

/** Tells how much of something has gone by, in words, each second. */
export type Progress = Disposable & {
  /** The bytes, counted as they pass. */
  count(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
};

/** `onText` gets `receiving image 3f2a… 43% (51 MB/s)`, at once and each second until it is disposed of. `totalBytes`: all that will pass. */
export const startProgress = (what: string, totalBytes: number, onText: (text: string) => void): Progress => {
  let passed = 0;
  let told = { passed: 0, at: performance.now() };
  const tell = (): void => {
    const now = performance.now();
    const perSecond = ((passed - told.passed) / Math.max(now - told.at, 1)) * 1_000;
    const percent = Math.floor((Math.min(passed, totalBytes) / Math.max(totalBytes, 1)) * 100);
    told = { passed, at: now };
    onText(`${what} ${percent}% (${megabytes(perSecond)} MB/s)`);
  };
  async function* count(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      yield chunk;
      passed += chunk.length;
    }
  }
  tell();
  const telling = setInterval(tell, INTERVAL_MS);
  return { count, [Symbol.dispose]: () => clearInterval(telling) };
};

/** Millions of bytes, as networks and registries count; a digit after the point where there would be none before it. */
export const megabytes = (bytes: number): string => {
  const millions = bytes / 1e6;
  return millions > 0 && millions < 1 ? millions.toFixed(1) : millions.toFixed(0);
};

/** An image's id as messages name it: enough to find it by. */
export const shortId = (image: string): string => `${image.replace(/^sha256:/, '').slice(0, 12)}…`;

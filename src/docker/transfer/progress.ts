const INTERVAL_MS = 1_000;

/** Tells how much of something has gone by, in words, each second. */
export type Progress = Disposable & {
  /** The bytes, counted as they pass. */
  count(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  /** How many have passed. */
  bytes(): number;
};

/**
 * `onText` gets `receiving image 3f2a… 43% (51 MB/s)`, at once and each second until it is disposed of. `totalBytes`: all that will
 * pass; for as long as that is `null`, nobody knows, and the text has `120 MB` in place of `43%`.
 */
export const startProgress = (what: string, totalBytes: () => number | null, onText: (text: string) => void): Progress => {
  let passed = 0;
  let told = { passed: 0, at: performance.now() };
  const tell = (): void => {
    const now = performance.now();
    const perSecond = ((passed - told.passed) / Math.max(now - told.at, 1)) * 1_000;
    const total = totalBytes();
    const share = total === null ? `${megabytes(passed)} MB` : percent(passed, total);
    told = { passed, at: now };
    onText(`${what} ${share} (${megabytes(perSecond)} MB/s)`);
  };
  async function* count(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      yield chunk;
      passed += chunk.length;
    }
  }
  tell();
  const telling = setInterval(tell, INTERVAL_MS);
  return { count, bytes: () => passed, [Symbol.dispose]: () => clearInterval(telling) };
};

const percent = (passed: number, total: number): string => `${Math.floor((Math.min(passed, total) / Math.max(total, 1)) * 100)}%`;

/** Millions of bytes, as networks and registries count; a digit after the point where there would be none before it. */
export const megabytes = (bytes: number): string => {
  const millions = bytes / 1e6;
  return millions > 0 && millions < 1 ? millions.toFixed(1) : millions.toFixed(0);
};

/** An image's id as messages name it: enough to find it by. */
export const shortId = (image: string): string => `${image.replace(/^sha256:/, '').slice(0, 12)}…`;

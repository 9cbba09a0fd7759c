/** One line of the benchmarks' table: a figure, and where it helps, what it is measured against in the same run. */
export type Row = {
  /** What was measured, in words that need no code to be understood: `µs per input, 10,000 queued`. */
  readonly name: string;
  readonly value: number;
  /** Of `value` and of the baseline: `µs`, `ms`, `tasks/s`. */
  readonly unit: string;
  /** The same thing without Alfred, or at the smallest size. */
  readonly baseline?: { readonly name: string; readonly value: number };
  /** `value` against the baseline; absolute figures differ between machines, ratios hardly. */
  readonly ratio?: number;
  /** The largest `ratio` (without one: the largest `value`) that we put up with; above it the run fails. */
  readonly limit?: number;
};

/** A benchmark: does its work when called, cleans up after itself, and tells its rows. */
export type Benchmark = () => Promise<readonly Row[]>;

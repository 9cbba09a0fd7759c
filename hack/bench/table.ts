import type { Row } from './row.ts';

/** Three significant digits say all that a benchmark knows. */
const figure = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: value >= 100 ? 4 : 3 });

const cells = ({ name, value, unit, baseline, ratio, limit }: Row): readonly string[] => [
  name,
  `${figure(value)} ${unit}`,
  baseline === undefined ? '' : `${figure(baseline.value)} ${unit}, ${baseline.name}`,
  ratio === undefined ? '' : `${figure(ratio)}×`,
  limit === undefined ? '' : `≤ ${figure(limit)}${ratio === undefined ? ` ${unit}` : '×'}`,
];

const HEAD = ['', 'figure', 'against', 'ratio', 'limit'];

/** The rows as a Markdown table, aligned, so that it goes into the README as it is. */
export const table = (rows: readonly Row[]): string => {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(3, ...lines.map(line => line[column]?.length ?? 0)));
  const draw = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [draw(HEAD), draw(widths.map(width => '-'.repeat(width))), ...lines.slice(1).map(draw)].join('\n');
};

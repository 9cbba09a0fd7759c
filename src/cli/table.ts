import stringWidth from 'string-width';

/**
 * Rows as lines, their columns lined up two spaces apart, without spaces at the end. Cells may hold colours; wide characters
 * count as what they take.
 */
export const renderTable = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell));
  const pad = (cell: string, column: number): string => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell));
  return rows.map(row => row.map(pad).join('  ').trimEnd());
};

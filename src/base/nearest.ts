/** The one of `known` that `word` was probably meant to be, or `null` when none is near enough to be worth a guess. */
export function nearest(word: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Letters to insert, remove, replace, or swap with their neighbour, to make `b` of `a` (optimal string alignment). */
function editDistance(a: string, b: string): number {
  // distances[row][column]: from the first `row` letters of a to the first `column` letters of b.
  const distances: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const distance = (row: number, column: number): number => distances[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    distances.push(current);
    for (let column = 1; column <= b.length; column++) {
      const replaced = distance(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swapped = isSwap ? distance(row - 2, column - 2) + 1 : replaced;
      current.push(Math.min(distance(row - 1, column) + 1, distance(row, column - 1) + 1, replaced, swapped));
    }
  }
  return distance(a.length, b.length);
}

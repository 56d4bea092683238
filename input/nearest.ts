/**
 * The name that the user most likely meant, or undefined when none is near.
 * Near: at most a third of the longer word's letters changed (Damerau-Levenshtein, letter case ignored), or one holds the other whole.
 */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const name of names) {
    const candidate = name.toLowerCase();
    const longer = Math.max(wanted.length, candidate.length);
    const contained =
      wanted.length >= 3 && candidate.length >= 3 && (candidate.includes(wanted) || wanted.includes(candidate));
    const distance = editDistance(wanted, candidate);
    if (distance > Math.max(1, Math.floor(longer / 3)) && !contained) continue;
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** `did you mean "x"?` when a name is near, otherwise undefined. */
export function didYouMean(word: string, names: readonly string[]): string | undefined {
  const name = nearest(word, names);
  return name === undefined ? undefined : `did you mean "${name}"?`;
}

/** Damerau-Levenshtein distance with adjacent swaps (the "optimal string alignment" variant). Words are cut at 80 letters. */
export function editDistance(left: string, right: string): number {
  const a = left.slice(0, 80);
  const b = right.slice(0, 80);
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let distance = Math.min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + same);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) distance = Math.min(distance, before[column - 2] + 1);
      current.push(distance);
    }
    [before, previous] = [previous, current];
  }
  return previous[b.length];
}

/** `a, b or c`, each in quotes; of a long list the first ten. */
export function oneOf(names: readonly string[]): string {
  if (names.length === 0) return 'nothing: there are none';
  const quoted = names.slice(0, 10).map((name) => `"${name}"`);
  if (names.length > 10) return `one of ${quoted.join(', ')}, … (${names.length} in all)`;
  if (quoted.length === 1) return quoted[0];
  return `one of ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

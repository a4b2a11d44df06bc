/** @file The name somebody probably meant. */

/** Levenshtein distance: fewest insertions, deletions and substitutions that turn a into b. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

/** The allowed name closest to `name`, or null when none is near (over a third of it is wrong). */
export function nearest(name: string, allowed: Iterable<string>): string | null {
  const limit = Math.max(1, Math.ceil(name.length / 3));
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of allowed) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && distance < (best?.distance ?? Infinity))
      best = { candidate, distance };
  }
  return best?.candidate ?? null;
}

/** `; did you mean X?`, or nothing: the tail of a message about an unknown name. */
export function didYouMean(name: string, allowed: Iterable<string>): string {
  const candidate = nearest(name, allowed);
  return candidate === null ? "" : `; did you mean ${candidate}?`;
}

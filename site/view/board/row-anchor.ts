/** @file The name by which chart, address and table mean the same row. */

/** Short, as a map names each of its points twice; 64 bits of a digest tell a board's rows apart. */
export function rowAnchor(entry: string): string {
  return `e-${entry.slice(0, 16)}`;
}

/** @file The bar of a progress line, for the set-up and for the command line. */

/**
 * `[======    ]`
 *
 * @param {number} share from 0 to 1; anything beyond is cut
 * @param {number} cells between the brackets
 */
export function bar(share, cells) {
  const full = Math.round(Math.min(1, Math.max(0, share)) * cells);
  return `[${"=".repeat(full)}${" ".repeat(cells - full)}]`;
}

/** @file Digests and keys, too long to read, as people compare them. */

/** `f912919bdea3…`: enough to tell apart; the whole stands in the link or the title. */
export function shortDigest(digest: string): string {
  return `${digest.slice(0, 12)}…`;
}

/** @file Where the pages of entries are. */

/** Prerendered; drawn by the server for an entry that is newer than the pages; elsewhere led to the page that takes an id. */
export function entryAddress(entry: string): string {
  return `/entries/${entry}/`;
}

/** Of an entry of the reference. */
export function referenceAddress(entry: string): string {
  return `/reference/entries/${entry}/`;
}

/** For two entries and more. */
export function compareAddress(entries: readonly string[]): string {
  return `/compare/?entries=${entries.join(",")}`;
}

/** @file Where the pages of entries are. */

/** Prerendered; drawn by the server for an entry that is newer than the pages; elsewhere led to the page that takes an id. */
export function entryAddress(entry: string): string {
  return `/entries/${entry}/`;
}

/** Of an entry of the reference. */
export function referenceAddress(entry: string): string {
  return `/reference/entries/${entry}/`;
}

/** All entries of the reference on a board. @param protocol its name. */
export function referenceRowsAddress(protocol: string): string {
  return `/reference/boards/${protocol}/`;
}

/** For two entries and more. */
export function compareAddress(entries: readonly string[]): string {
  return `/compare/?entries=${entries.join(",")}`;
}

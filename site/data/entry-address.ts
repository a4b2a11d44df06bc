/** @file Where an entry's page is: prerendered, or drawn by the page that takes an id. */

/**
 * @param newestBuilt when the newest prerendered entry was received; null when none was. An entry that came later
 * has no page of its own before the next build.
 */
export function entryAddress(
  { entry, receivedAt }: { entry: string; receivedAt: string },
  newestBuilt: string | null,
): string {
  const isBuilt = newestBuilt !== null && receivedAt <= newestBuilt;
  return isBuilt ? `/entries/${entry}/` : `/entries/?id=${entry}`;
}

/** Of an entry of the reference. */
export function referenceAddress(entry: string): string {
  return `/reference/entries/${entry}/`;
}

/** For two entries and more. */
export function compareAddress(entries: readonly string[]): string {
  return `/compare/?entries=${entries.join(",")}`;
}

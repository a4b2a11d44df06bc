/** @file Times as people read them; always UTC, so that the page built here reads the same everywhere. */

/** `2026-11-23`. */
export function day(at: string): string {
  return at.slice(0, 10);
}

/** `2026-11-23 23:46 UTC`. */
export function minute(at: string): string {
  return `${at.slice(0, 16).replace("T", " ")} UTC`;
}

/** @file Chooses the entry that stands for its configuration wherever entries are counted (method.md section 5). */

export interface ListedEntry {
  id: string;
  supersedes: string | null;
  /** Whether it completed a challenge. */
  isChallenged: boolean;
  /** Not retracted, void or quarantined, and not a copy: its counts were not listed under another label before. */
  stands: boolean;
  isSuperseded: boolean;
}

/**
 * An entry that completed a challenge comes before one that did not; otherwise the first in the log comes first. An entry
 * takes the place of what it replaces, unless it completed a challenge and what it replaces did not.
 *
 * So latecomers change nothing, however many entries they list and whatever these contain, unless they are the first to
 * complete a challenge; and holders who correct an entry of their own do not lose its place to a copy of it.
 *
 * @param listed all entries of one protocol, architecture and regularizers, in the order of the log.
 * @returns null when none is shown.
 */
export function representativeOf(listed: readonly ListedEntry[]): string | null {
  let first: EntryWithPlace | null = null;
  for (const each of withPlaces(listed))
    if (each.stands && !each.isSuperseded && (first === null || isBefore(each, first)))
      first = each;
  return first?.id ?? null;
}

interface EntryWithPlace extends ListedEntry {
  place: number;
}

/** In one pass: what an entry replaces comes before it, and hands its place on. */
function withPlaces(listed: readonly ListedEntry[]): EntryWithPlace[] {
  const handedOn = new Map<string, { any: number; challenged: number }>();
  return listed.map((entry, at) => {
    const { any, challenged } = handedOn.get(entry.supersedes ?? "") ?? NOWHERE;
    const own = {
      any: entry.stands ? Math.min(any, at) : any,
      challenged: entry.stands && entry.isChallenged ? Math.min(challenged, at) : challenged,
    };
    handedOn.set(entry.id, own);
    return { ...entry, place: entry.isChallenged ? own.challenged : own.any };
  });
}

const NOWHERE = { any: Infinity, challenged: Infinity };

function isBefore(a: EntryWithPlace, b: EntryWithPlace): boolean {
  return a.isChallenged === b.isChallenged ? a.place < b.place : a.isChallenged;
}

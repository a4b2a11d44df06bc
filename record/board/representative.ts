/** @file Which entry stands for its configuration wherever entries are counted (method.md section 5). */

export interface Listed {
  id: string;
  supersedes: string | null;
  /** Did it complete a challenge? */
  isChallenged: boolean;
  /** Neither taken back nor void nor quarantined, nor a copy: its counts stood under another configuration before. */
  stands: boolean;
  isSuperseded: boolean;
}

/**
 * One that completed a challenge before one that did not; of those the first in the log, where an entry has the place
 * of what it replaces unless that had no completed challenge and it has one.
 *
 * So whoever comes later moves nothing, however many entries he lists and whatever stands in them, unless he is the
 * first to complete a challenge; and who mends an entry of his own does not lose its place to a copy of it.
 *
 * @param listed all entries of one protocol, architecture and regularizers, in the order of the log.
 * @returns null when none is shown.
 */
export function representativeOf(listed: readonly Listed[]): string | null {
  let first: Placed | null = null;
  for (const each of placed(listed))
    if (each.stands && !each.isSuperseded && (first === null || isBefore(each, first)))
      first = each;
  return first?.id ?? null;
}

interface Placed extends Listed {
  place: number;
}

/** In one pass: what an entry replaces stands before it, with the places that it hands on. */
function placed(listed: readonly Listed[]): Placed[] {
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

function isBefore(a: Placed, b: Placed): boolean {
  return a.isChallenged === b.isChallenged ? a.place < b.place : a.isChallenged;
}

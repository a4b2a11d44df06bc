/** @file Which result replaces which. */

export interface Replacing {
  id: string;
  supersedes: string | null;
  /** Neither taken back nor void nor quarantined. */
  stands: boolean;
}

/**
 * What each entry is replaced by: the latest that names it and stands.
 *
 * What does not stand replaces nothing: it would hide its predecessor and is hidden itself, so that a holder who
 * takes a mistake back, or an operator who sets one aside, would take the earlier result from the board as well. But
 * what replaced it replaces its predecessors, too.
 *
 * @param rows all results of a configuration, in the order of the log.
 */
export function successorsIn(rows: readonly Replacing[]): Map<string, string> {
  const successors = new Map<string, string>();
  for (const { id, supersedes, stands } of rows.toReversed()) {
    const successor = stands ? id : successors.get(id); // whatever replaces it came later
    if (supersedes === null || successor === undefined || successors.has(supersedes)) continue;
    successors.set(supersedes, successor);
  }
  return successors;
}

/** @file Folders whose challenge nobody can answer any more, set aside so that a new one can be taken in their place. */

import { existsSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { ChallengeDocument } from "../../record/documents/entry-document.ts";
import { ServerRefusal, Unreachable } from "../client/server-refusal.ts";
import { UserError } from "../errors.ts";
import { makeFolder } from "../files.ts";
import type { Challenger } from "./challenge-taking.ts";
import { hasState, readState } from "./folder-state.ts";

export interface SetAside {
  /** Where the folder is now, whole. */
  path: string;
  /** A sentence. */
  reason: string;
}

/**
 * Moves an output folder whose challenge has ended without a result, or was issued by another server; nothing of it
 * is lost, and the server it belongs to still shows how it ended.
 *
 * @param aside where it goes; the challenge's id is added.
 * @returns null when the folder can go on, or when nobody says otherwise.
 */
export async function setAsideUnanswerable(
  folder: string,
  aside: string,
  challenger: Pick<Challenger, "client" | "now">,
): Promise<SetAside | null> {
  const kept = readState(folder, "challenge");
  if (kept === null) return null;
  const fault = await faultOf(folder, kept, challenger);
  if (fault === null) return null;
  const path = `${aside}-${kept.challenge.id.slice(0, 12)}`;
  if (existsSync(path)) throw new UserError(`${path} is in the way: move it elsewhere.`);
  makeFolder(dirname(path));
  renameSync(folder, path);
  return { path, reason: `The challenge of ${folder} ${fault}.` };
}

async function faultOf(
  folder: string,
  { challenge: { id, expiresAt } }: ChallengeDocument,
  { client, now }: Pick<Challenger, "client" | "now">,
): Promise<string | null> {
  try {
    const { outcome } = await client.get(`/v1/challenges/${id}`, ChallengeDocument);
    // What is signed may be there, unacknowledged: submitting tells.
    if (hasState(folder, "receipt") || hasState(folder, "submission")) return null;
    if (outcome !== null) return `is over (${outcome.outcome})`;
    return Date.parse(expiresAt) <= now() ? `expired at ${expiresAt}` : null;
  } catch (error) {
    if (error instanceof Unreachable) return null;
    const isForeign = error instanceof ServerRefusal && error.problem === "not-found";
    if (!isForeign) throw error;
    return `was not issued by the server at ${client.api}`;
  }
}

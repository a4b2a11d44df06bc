/** @file From an output folder to the result statement that a key can sign. */

import type { ChallengeDocument } from "../../record/documents/entry-document.ts";
import type { IssuedChallenge } from "../../record/statement/challenge.ts";
import { resultProblems } from "../../record/statement/result-problems.ts";
import type { Result } from "../../record/statement/statements.ts";
import type { OutputFolder } from "../sweep/output-folder.ts";
import { measureFolder, requireNone } from "./folder-measurement.ts";

export interface ResultOptions {
  /** Public key of the signer, in hexadecimal. */
  key: string;
  challenge: ChallengeDocument | null;
  /** Id of an earlier result of this key that the new one replaces. */
  supersedes: string | null;
}

/**
 * The same folder gives the same bytes.
 *
 * @throws UserError for what is missing or was changed, and for all that a server would refuse.
 */
export async function resultFromFolder(
  folder: OutputFolder,
  { key, challenge, supersedes }: ResultOptions,
): Promise<Result> {
  const issued = challenge && issuedChallenge(challenge);
  const result = { ...(await measureFolder(folder, key, issued)), supersedes };
  requireNone(resultProblems(result, folder.protocol, issued), folder.path);
  return result;
}

/** What the rules need of a challenge's document. */
export function issuedChallenge({ challenge, commitment }: ChallengeDocument): IssuedChallenge {
  return { id: challenge.id, nonce: challenge.nonce, commitment };
}

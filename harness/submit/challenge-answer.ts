/** @file Does a challenge answer the commitment that was signed, with the seeds that follow from the two? */

import { canonicalJson } from "../../record/canonical-json.ts";
import type { ChallengeDocument } from "../../record/documents/entry-document.ts";
import { freshSeeds } from "../../record/statement/challenge.ts";
import type { Opened } from "../../record/statement/envelope.ts";

/** @param count of fresh seeds, as the protocol wants them. */
export function isAnswerTo(
  sent: Pick<Opened<"commitment">, "id" | "statement">,
  { challenge, commitment }: Pick<ChallengeDocument, "challenge" | "commitment">,
  count: number,
): boolean {
  return (
    challenge.id === sent.id &&
    canonicalJson(commitment) === canonicalJson(sent.statement) &&
    freshSeeds(challenge, count).join() === challenge.seeds.join()
  );
}

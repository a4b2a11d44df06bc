/** @file A reproduction, with fresh runs on a challenge of its own, is set beside its entry. */

import { storedResult } from "../../db/index/leaf-body.ts";
import type { Receipt } from "../../record/log/log-proof.ts";
import { problemAt } from "../../record/problem.ts";
import { reproductionProblems } from "../../record/statement/result-problems.ts";
import { Refusal } from "../problem.ts";
import { type Accept, acceptOnce } from "./acceptance.ts";
import { knownKey } from "./known-key.ts";
import { openProtocol } from "./open-protocol.ts";
import { completeChallenge, openChallenge, refuseCopies } from "./measurement-context.ts";
import { refuseMeasurement } from "./measurement-refusal.ts";

/** The entry's own key may do this too: it is labelled as such, and moves no rung. */
export const acceptReproduction: Accept<"reproduction", Receipt> = async (acceptance, opened) => {
  const { statement } = opened;
  const accepted = await acceptOnce(acceptance, opened, async () => {
    await knownKey(acceptance, statement);
    const protocol = await openProtocol(acceptance, statement);
    const entry = await storedResult(acceptance.tx, statement.entry);
    if (!entry)
      throw new Refusal("unknown-statement", "The entry to be reproduced is not here.", [
        problemAt(statement, ["entry"], "the id of an entry"),
      ]);
    const challenge = await openChallenge(acceptance, statement);
    refuseMeasurement(reproductionProblems(statement, entry, protocol, challenge));
    await refuseCopies(acceptance, "reproduction", statement);
  });
  await completeChallenge(acceptance, statement, accepted);
  return accepted;
};

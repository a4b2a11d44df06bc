/** @file A result, held against everything in trust.md section 4, becomes an entry. */

import { eq } from "drizzle-orm";
import { isSameHolder } from "../../db/index/standings.ts";
import { entries } from "../../db/schema.ts";
import type { Receipt } from "../../record/log/log-proof.ts";
import { problemAt } from "../../record/problem.ts";
import type { Result } from "../../record/statement/statements.ts";
import { resultProblems } from "../../record/statement/result-problems.ts";
import { Refusal } from "../problem.ts";
import { type Accept, type Acceptance, acceptOnce } from "./acceptance.ts";
import { knownKey } from "./known-key.ts";
import { openProtocol } from "./open-protocol.ts";
import { completeChallenge, openChallenge, refuseCopies } from "./measurement-context.ts";
import { refuseMeasurement } from "./measurement-refusal.ts";

export const acceptResult: Accept<"result", Receipt> = async (acceptance, opened) => {
  const { statement } = opened;
  const accepted = await acceptOnce(acceptance, opened, async () => {
    await knownKey(acceptance, statement);
    const protocol = await openProtocol(acceptance, statement);
    const challenge = await openChallenge(acceptance, statement);
    refuseMeasurement(resultProblems(statement, protocol, challenge));
    await checkSuperseded(acceptance, statement);
    await refuseCopies(acceptance, "result", statement);
  });
  await completeChallenge(acceptance, statement, accepted);
  return accepted;
};

/** An entry of the same holder and configuration. */
async function checkSuperseded({ tx }: Acceptance, result: Result): Promise<void> {
  const { supersedes } = result;
  if (supersedes === null) return;
  const [earlier] = await tx.select().from(entries).where(eq(entries.id, supersedes));
  if (!earlier)
    throw new Refusal("unknown-statement", "It replaces an entry that is not here.", [
      problemAt(result, ["supersedes"], "the id of an entry, or null"),
    ]);
  if (!(await isSameHolder(tx, earlier.key, result.key)))
    throw new Refusal("not-the-signer", "It replaces an entry of another key.", [
      problemAt(result, ["supersedes"], "an entry of the same key"),
    ]);
  const differing = (["protocol", "arch", "regs"] as const).filter(
    (name) => earlier[name] !== result[name],
  );
  if (differing.length > 0)
    throw new Refusal(
      "unknown-statement",
      "It replaces an entry of another configuration.",
      differing.map((name) => problemAt(result, [name], `${earlier[name]}, as of the entry`)),
    );
}

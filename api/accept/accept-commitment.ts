/** @file The commitment comes first, then the seeds, so that nobody can choose them or ask for others (trust.md section 3). */

import { bytesToHex } from "@noble/hashes/utils.js";
import { and, asc, eq, gt, isNull } from "drizzle-orm";
import { bodyBytes, storedResult } from "../../db/project/leaf-body.ts";
import { findChallenge } from "../../db/read/challenge-document.ts";
import { challenges } from "../../db/schema.ts";
import { canonicalDigest, canonicalJson } from "../../record/canonical-json.ts";
import { problemAt } from "../../record/problem.ts";
import type { ChallengeDocument } from "../../record/answers/documents.ts";
import type { Protocol } from "../../record/protocols.ts";
import { type Challenge, freshSeeds } from "../../record/statement/challenge.ts";
import type { Commitment } from "../../record/statement/statements.ts";
import { codeOf, harnessProblems } from "../../record/statement/result-problems.ts";
import { Refusal, errorAt } from "../problem-answer.ts";
import { type Accept, type Acceptance, append } from "./acceptance.ts";
import { knownKey, openProtocol, refuseMeasurement, refuseTakenNames } from "./accept-result.ts";

export const acceptCommitment: Accept<"commitment", ChallengeDocument> = async (
  acceptance,
  { id, statement, envelope },
) => {
  const stored = await findChallenge(acceptance.tx, id);
  if (stored) return { isNew: false, answer: stored };
  await knownKey(acceptance, statement);
  const protocol = await openProtocol(acceptance, statement);
  refuseMeasurement(harnessProblems(statement, ["harness"], protocol));
  await checkReproduced(acceptance, statement);
  await refuseTakenNames(acceptance, statement, statement);
  await checkOpenChallenges(acceptance, statement);
  const challenge = newChallenge(id, protocol, acceptance.at);
  await append(
    acceptance,
    "challenge",
    canonicalDigest(challenge),
    bodyBytes({ challenge, envelope }),
  );
  return { isNew: true, answer: (await findChallenge(acceptance.tx, id))! };
};

const DAY_MS = 86_400_000;

function newChallenge(id: string, protocol: Protocol, at: Date): Challenge {
  const nonce = bytesToHex(crypto.getRandomValues(new Uint8Array(32)));
  return {
    id,
    nonce,
    seeds: freshSeeds({ id, nonce }, protocol.freshSeeds),
    issuedAt: at.toISOString(),
    expiresAt: new Date(at.getTime() + protocol.challengeDays * DAY_MS).toISOString(),
  };
}

/** The entry to be reproduced must be in the log, with the configuration that will be trained. */
async function checkReproduced({ tx }: Acceptance, commitment: Commitment): Promise<void> {
  if (commitment.reproduces === null) return;
  const entry = await storedResult(tx, commitment.reproduces);
  if (!entry)
    throw new Refusal("unknown-statement", "The entry to be reproduced is not here.", [
      errorAt(commitment, ["reproduces"], "the id of an entry, or null"),
    ]);
  const { protocol, arch, regs } = entry.result;
  const own = { protocol, arch, regs, ...codeOf(entry.result) };
  refuseMeasurement(
    (["protocol", "arch", "regs", "source", "regSource", "customTaps"] as const)
      .filter((name) => canonicalJson(commitment[name]) !== canonicalJson(own[name]))
      .map((name) => {
        return problemAt(
          commitment,
          [name],
          "entry-configuration",
          `the entry's: ${canonicalJson(own[name])}`,
        );
      }),
  );
}

/** Whoever had many open challenges could choose among their seeds. */
async function checkOpenChallenges(
  { tx, deployment, at }: Acceptance,
  commitment: Commitment,
): Promise<void> {
  const open = await tx
    .select({ id: challenges.id, expiresAt: challenges.expiresAt })
    .from(challenges)
    .where(
      and(
        eq(challenges.key, commitment.key),
        isNull(challenges.outcome),
        gt(challenges.expiresAt, at),
      ),
    )
    .orderBy(asc(challenges.expiresAt));
  if (open.length < deployment.limits.openChallenges) return;
  const wait = Math.ceil((open[0]!.expiresAt.getTime() - at.getTime()) / 1000);
  const ids = open.map(({ id }) => id).join(", ");
  const detail = `Complete one, or give one up with a retraction: ${ids}.`;
  throw new Refusal("too-many-challenges", detail, [], Math.max(1, wait));
}

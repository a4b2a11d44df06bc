/** @file A reproduction that a server under fuzz would accept, as nobody guesses one: it answers a challenge. */

import { ChallengeDocument } from "../../record/answers/documents.ts";
import { decodeBase64 } from "../../record/signature/base64.ts";
import type { Commitment, Result } from "../../record/statement/statements.ts";
import { type Envelope, sealEnvelope } from "../../record/statement/envelope.ts";
import { reproductionVerdict } from "../../record/statement/result-problems.ts";
import { micro } from "../../test/world/runs.ts";
import { readJson } from "./reads.ts";
import { type Holder, commitmentOf } from "./submissions.ts";
import { syntheticResult } from "./synthetic.ts";

/** Asks the server for the challenge. @param i number of the commitment and of the made-up runs. */
export async function reproductionOf(
  url: string,
  entry: string,
  { holder, i }: { holder: Holder; i: number },
): Promise<Envelope> {
  const { payload } = await readJson<Envelope>(`${url}/v1/entries/${entry}/envelope`);
  const result = JSON.parse(new TextDecoder().decode(decodeBase64(payload)!)) as Result;
  const { arch, regs } = result;
  const commitment = { ...commitmentOf(holder, i), arch, regs, reproduces: entry };
  const { challenge } = await challengeFor(url, commitment, holder);
  const issued = { id: challenge.id, nonce: challenge.nonce, commitment };
  const { supersedes: _, ...measured } = syntheticResult(i, issued);
  const verdict = reproductionVerdict(result, measured, micro);
  return sealEnvelope("reproduction", { ...measured, entry, verdict }, [holder.seed]);
}

async function challengeFor(
  url: string,
  commitment: Commitment,
  { seed }: Holder,
): Promise<ChallengeDocument> {
  const body = JSON.stringify(await sealEnvelope("commitment", commitment, [seed]));
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/challenges`, { method: "POST", body, headers });
  return ChallengeDocument.parse(await answer.json());
}

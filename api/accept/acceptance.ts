/** @file What accepting a statement means: leaves at the end of the log, their index, a receipt; all or nothing. */

import { type Leaf, appendLeaf, receiptOf } from "../../db/append-leaf.ts";
import type { Transaction } from "../../db/db.ts";
import { indexLeaf } from "../../db/project/index-leaf.ts";
import { type LoggedKind, bodyBytes } from "../../db/project/leaf-body.ts";
import { leafOf } from "../../db/read/log-page.ts";
import { canonicalDigest } from "../../record/canonical-json.ts";
import type { ChallengeOutcome } from "../../record/answers/documents.ts";
import type { Receipt } from "../../record/log/log-proof.ts";
import type { Opened } from "../../record/statement/envelope.ts";
import type { Deployment } from "../deployment.ts";

/** A transaction that holds the log's lock. */
export interface Acceptance {
  tx: Transaction;
  deployment: Deployment;
  /** The time of everything that it stores. */
  at: Date;
}

export interface Accepted<Answer> {
  /** False: it was accepted before, and nothing changed. */
  isNew: boolean;
  answer: Answer;
}

/** @throws Refusal; nothing is stored then. */
export type Accept<Kind extends LoggedKind | "commitment", Answer> = (
  acceptance: Acceptance,
  opened: Opened<Kind>,
) => Promise<Accepted<Answer>>;

/** Accepts a statement once: sending it again gives the same receipt, for ever. */
export async function acceptOnce<Kind extends LoggedKind>(
  acceptance: Acceptance,
  opened: Opened<Kind>,
  check: () => Promise<void>,
): Promise<Accepted<Receipt>> {
  const stored = await leafOf(acceptance.tx, opened.id);
  if (stored) return { isNew: false, answer: receiptOf(opened.id, stored) };
  await check();
  const { kind, id, envelope } = opened;
  const leaf = await append(acceptance, kind, id, bodyBytes(envelope));
  return { isNew: true, answer: receiptOf(id, leaf) };
}

export async function appendOutcome(
  acceptance: Pick<Acceptance, "tx" | "deployment" | "at">,
  outcome: Omit<ChallengeOutcome, "at">,
): Promise<void> {
  const document: ChallengeOutcome = { ...outcome, at: acceptance.at.toISOString() };
  await append(acceptance, "outcome", canonicalDigest(document), bodyBytes(document));
}

export async function append(
  { tx, deployment, at }: Acceptance,
  kind: Leaf["kind"],
  digest: string,
  body: Uint8Array,
): Promise<Leaf> {
  const leaf = await appendLeaf(tx, deployment.keeper, { kind, digest, body, at });
  await indexLeaf(tx, leaf);
  return leaf;
}

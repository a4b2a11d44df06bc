/** @file What clients were promised: every receipt and every challenge that a server acknowledged. */

import type { ChallengeDocument } from "../../record/answers/documents.ts";
import { Receipt } from "../../record/log/log-proof.ts";
import type { Checkpoint } from "../../record/log/checkpoint.ts";

export type Acknowledged = Pick<ChallengeDocument, "challenge" | "commitment" | "receipt">;

export interface Ledger {
  /** Receipts as they were sent, by statement id: keys and results. */
  receipts: Map<string, string>;
  /** Ids of the results among them. */
  results: Set<string>;
  challenges: Map<string, Acknowledged>;
  /** The checkpoints seen at the end of each round. */
  checkpoints: Checkpoint[];
  /** What broke a promise; nothing should. */
  faults: string[];
}

export const emptyLedger = (): Ledger => ({
  receipts: new Map(),
  results: new Set(),
  challenges: new Map(),
  checkpoints: [],
  faults: [],
});

/** @param text of the receipt: each answer for the same statement must be the same. */
export function acknowledgeReceipt(ledger: Ledger, text: string): void {
  const { id } = Receipt.parse(JSON.parse(text));
  const known = ledger.receipts.get(id);
  if (known !== undefined && known !== text)
    ledger.faults.push(`two receipts for ${id}: ${known} and ${text}`);
  ledger.receipts.set(id, known ?? text);
}

export function acknowledgeChallenge(ledger: Ledger, document: ChallengeDocument): void {
  const { challenge, commitment, receipt } = document;
  const known = ledger.challenges.get(challenge.id);
  if (known !== undefined && known.challenge.nonce !== challenge.nonce)
    ledger.faults.push(`two nonces for commitment ${challenge.id}`);
  ledger.challenges.set(challenge.id, { challenge, commitment, receipt });
}

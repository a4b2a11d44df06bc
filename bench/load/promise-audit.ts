/** @file Whether a server keeps what was acknowledged: receipts, proofs, challenges, and the log's past. */

import { bytesToHex } from "@noble/hashes/utils.js";
import type { ChallengeDocument } from "../../record/answers/documents.ts";
import { openCheckpoint } from "../../record/log/checkpoint.ts";
import {
  type ConsistencyProof,
  type InclusionProof,
  Receipt,
  openConsistencyProof,
  openInclusionProof,
} from "../../record/log/log-proof.ts";
import type { Ledger } from "./ledger.ts";
import type { AuditedLog } from "./log-audit.ts";
import { forEachOf, readJson, readText } from "./reads.ts";

const PARALLEL = 4;

/** @returns how many promises were looked at. */
export async function auditPromises(url: string, log: AuditedLog, ledger: Ledger): Promise<number> {
  const { receipts, results, challenges, checkpoints } = ledger;
  const fault = (what: string) => void ledger.faults.push(what);
  await forEachOf(receipts, PARALLEL, async ([id, text]) => {
    if ((await readText(`${url}/v1/receipts/${id}`)) !== text) fault(`another receipt of ${id}`);
    await checkReceipt(log, text, (what) => fault(`receipt of ${id}: ${what}`));
  });
  await forEachOf(results, PARALLEL, async (id) => {
    const proof: InclusionProof = await readJson(`${url}/v1/entries/${id}/proof`);
    const opened = await openInclusionProof(proof, log.key);
    if (!opened.ok) fault(`proof of ${id}: ${opened.reason}`);
    const isOwn = proof.entry.digest === id && proof.entry.kind === "result";
    if (!isOwn) fault(`the proof of ${id} is of ${proof.entry.digest}`);
  });
  await forEachOf(challenges.values(), PARALLEL, async (promised) => {
    const { id } = promised.challenge;
    const now: ChallengeDocument = await readJson(`${url}/v1/challenges/${id}`);
    for (const part of ["challenge", "commitment", "receipt"] as const)
      if (JSON.stringify(now[part]) !== JSON.stringify(promised[part]))
        fault(`challenge ${id}: another ${part}`);
    if (now.outcome?.outcome !== "completed") fault(`challenge ${id} is not completed`);
    else if (!results.has(now.outcome.statement!)) fault(`challenge ${id}: a foreign result`);
  });
  for (const seen of checkpoints) {
    const proof: ConsistencyProof = await readJson(`${url}/v1/log/consistency/${seen.size}`);
    const opened = await openConsistencyProof(proof, seen, log.key);
    if (!opened.ok) fault(`consistency with ${seen.size} leaves: ${opened.reason}`);
    if (log.roots[seen.size] !== bytesToHex(seen.root)) fault(`${seen.size} leaves changed`);
  }
  return receipts.size + results.size + challenges.size + checkpoints.length;
}

/** The checkpoint in it is of a tree that this log once was, and that held the leaf. */
async function checkReceipt(
  { key, entries, roots }: AuditedLog,
  text: string,
  fault: (what: string) => void,
): Promise<void> {
  const { id, index, checkpoint } = Receipt.parse(JSON.parse(text));
  if (entries[index]?.digest !== id) fault(`leaf ${index} is another`);
  const opened = await openCheckpoint(checkpoint, key);
  if (!opened.ok) return fault(opened.reason);
  const { size, root } = opened.checkpoint;
  if (size <= index) fault(`its checkpoint is of ${size} leaves`);
  if (roots[size] !== bytesToHex(root)) fault("its checkpoint is of another log");
}

/** @file A reproduction stands beside the entry it is about, with both numbers. */

import { findProtocol } from "../../record/protocols.ts";
import { reproducedNumbers } from "../../record/statement/result-problems.ts";
import type { Leaf } from "../append-leaf.ts";
import type { Transaction } from "../db.ts";
import { storedResult } from "../read/stored-result.ts";
import { reproductions } from "../schema.ts";
import { noteChange } from "./board-change.ts";
import { indexRunCounts } from "./index-run-counts.ts";
import { statementIn } from "./leaf-body.ts";

export async function indexReproduction(tx: Transaction, leaf: Leaf): Promise<void> {
  const reproduction = statementIn("reproduction", leaf);
  const { entry, key, verdict, challenge, protocol } = reproduction;
  const stored = await storedResult(tx, entry);
  if (!stored || challenge === null) throw new Error(`reproduction ${leaf.digest} of nothing`);
  const numbers = reproducedNumbers(stored.result, reproduction, findProtocol(protocol));
  await tx.insert(reproductions).values({
    id: leaf.digest,
    leaf: leaf.index,
    entry,
    key,
    challenge,
    verdict,
    numbers: JSON.stringify(numbers),
    receivedAt: leaf.at,
  });
  await indexRunCounts(tx, leaf, reproduction);
  await noteChange(tx, reproduction);
}

/** @file How a challenge ended. */

import { and, eq, isNull } from "drizzle-orm";
import type { Leaf } from "../append-leaf.ts";
import type { Transaction } from "../db.ts";
import { challenges } from "../schema.ts";
import { noteChange } from "./board-change.ts";
import { outcomeIn } from "./leaf-body.ts";

export async function indexOutcome(tx: Transaction, leaf: Leaf): Promise<void> {
  const { challenge, outcome } = outcomeIn(leaf);
  const changed = await tx
    .update(challenges)
    .set({ outcome, outcomeLeaf: leaf.index })
    .where(and(eq(challenges.id, challenge), isNull(challenges.outcome)))
    .returning({ protocol: challenges.protocol, arch: challenges.arch, regs: challenges.regs });
  if (changed.length === 0) throw new Error(`leaf ${leaf.index} ends no open challenge`);
  for (const configuration of changed) await noteChange(tx, configuration);
}

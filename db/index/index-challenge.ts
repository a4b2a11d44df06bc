/** @file A challenge is public from the moment it is issued. */

import type { Leaf } from "../append-leaf.ts";
import type { Transaction } from "../db.ts";
import { challenges } from "../schema.ts";
import { noteChange } from "./board-change.ts";
import { challengeIn, statementOf } from "./leaf-body.ts";

export async function indexChallenge(tx: Transaction, leaf: Leaf): Promise<void> {
  const { challenge, envelope } = challengeIn(leaf);
  const { key, protocol, arch, regs, reproduces } = statementOf("commitment", envelope);
  await tx.insert(challenges).values({
    id: challenge.id,
    leaf: leaf.index,
    key,
    protocol,
    arch,
    regs,
    reproduces,
    expiresAt: new Date(challenge.expiresAt),
    outcome: null,
    outcomeLeaf: null,
  });
  await noteChange(tx, { protocol, arch, regs });
}

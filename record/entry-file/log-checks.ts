/** @file Is the statement in the log, and is that the log we know? */

import { equalBytes } from "../equal-bytes.ts";
import type { Checkpoint } from "../log/checkpoint.ts";
import type { LogEntry } from "../log/log-entry.ts";
import {
  openConsistencyProof,
  openInclusionProof,
  type ConsistencyProof,
  type InclusionProof,
} from "../log/log-proof.ts";
import type { VerifierKey } from "../log/verifier-key.ts";
import { failed, passed, type Check } from "./check.ts";

/** Of a tree. */
export type Tree = Pick<Checkpoint, "size" | "root">;

/** @returns the check, and the tree that holds the statement once it has passed. */
export async function inclusionCheck(
  entry: LogEntry,
  proof: InclusionProof,
  log: VerifierKey,
): Promise<{ check: Check; tree: Tree | null }> {
  const failure = (text: string) => ({ check: failed("inclusion", text), tree: null });
  if (proof.entry.kind !== entry.kind || proof.entry.digest !== entry.digest)
    return failure(`The proof is about ${proof.entry.kind} ${proof.entry.digest}, not this one.`);
  const opened = await openInclusionProof(proof, log);
  if (!opened.ok) return failure(`${opened.reason}.`);
  const tree = opened.checkpoint;
  const text = `Leaf ${proof.index} of the ${tree.size} that ${log.name} has signed for.`;
  return { check: passed("inclusion", text), tree };
}

/**
 * The proof may lead from what was seen to the file's tree or, for a file older than what was seen since, from
 * the file's tree to what was seen.
 *
 * @param tree that holds the statement.
 * @param seen the last tree of this log that was trusted; null for none, which passes.
 */
export async function consistencyCheck(
  tree: Tree,
  seen: Tree | null,
  proof: ConsistencyProof | null,
  log: VerifierKey,
): Promise<Check> {
  if (seen === null) return passed("consistency", "No checkpoint of this log was seen before.");
  if (isSameTree(tree, seen))
    return passed("consistency", "The checkpoint is the one seen before.");
  if (tree.size === seen.size)
    return failed("consistency", `The log has two histories of ${seen.size} leaves.`);
  if (proof === null)
    return failed(
      "consistency",
      `The file lacks the proof that joins ${sizes(tree, seen)} leaves.`,
    );
  const [older, newer] = tree.size > seen.size ? [seen, tree] : [tree, seen];
  const opened = await openConsistencyProof(proof, older, log);
  if (!opened.ok) return failed("consistency", `${opened.reason}.`);
  if (!isSameTree(opened.checkpoint, newer))
    return failed("consistency", `The proof does not lead to the checkpoint of ${newer.size}.`);
  return passed("consistency", `The log only grew between ${sizes(older, newer)} leaves.`);
}

function sizes(a: Tree, b: Tree): string {
  return `${a.size} and ${b.size}`;
}

export function isSameTree(a: Tree, b: Tree): boolean {
  return a.size === b.size && equalBytes(a.root, b.root);
}

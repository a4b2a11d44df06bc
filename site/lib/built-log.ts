/** @file The log as the build knows it: read once, so that no page has to ask for its own proof. */

import type { LogLeaf, LogPage } from "../../record/documents/entry-document.ts";
import { type Checkpoint, openCheckpoint, parseVerifierKey } from "../../record/log/checkpoint.ts";
import { type InclusionProof, logEntryHash } from "../../record/log/log-proof.ts";
import {
  type TreeNode,
  completedNodes,
  inclusionProof,
  treeRoot,
} from "../../record/log/merkle-tree.ts";
import { encodeBase64 } from "../../record/signature/base64.ts";
import { buildApi, known } from "./build-api.ts";

export interface BuiltLog {
  /** A signed note over the first `size` leaves. */
  checkpoint: string;
  size: number;
  hashes: (node: TreeNode) => Uint8Array;
}

let kept: Promise<BuiltLog | null> | undefined;

/**
 * Null for a log without leaves, or without a server.
 *
 * @throws Error for a checkpoint that the log's key did not sign, and for leaves that are not the checkpoint's.
 */
export function builtLog(): Promise<BuiltLog | null> {
  return (kept ??= readLog());
}

/** What the server would answer at the log's size; null for a leaf that came after it. */
export function proofIn(
  { checkpoint, size, hashes }: BuiltLog,
  { digest, index }: { digest: string; index: number },
): InclusionProof | null {
  if (index >= size) return null;
  const path = inclusionProof(index, size, hashes).map(encodeBase64);
  return { entry: { kind: "result", digest }, index, checkpoint, hashes: path };
}

async function readLog(): Promise<BuiltLog | null> {
  const [note, key] = await Promise.all([known(buildApi.checkpoint()), known(buildApi.logKey())]);
  if (note === null || key === null) return null;
  const opened = await signedCheckpoint(note, key);
  return opened.size === 0 ? null : checkedLog(note, opened, await firstLeaves(opened.size));
}

/** @param key the log's verifier key, one line. @throws Error when it is none, or did not sign the note. */
export async function signedCheckpoint(note: string, key: string): Promise<Checkpoint> {
  const log = parseVerifierKey(key.trim());
  if (log === null) throw new Error(`the server names no key of its log: ${key.trim()}`);
  const opened = await openCheckpoint(note, log);
  if (!opened.ok) throw new Error(`the log's checkpoint does not hold: ${opened.reason}`);
  return opened.checkpoint;
}

type Leaves = readonly (Pick<LogLeaf, "kind" | "digest"> | undefined)[];

/**
 * @param checkpoint the signed note, and `opened` what it says.
 * @param leaves in their order.
 * @throws Error when the checkpoint is of others.
 */
export function checkedLog(
  checkpoint: string,
  { size, root }: Pick<Checkpoint, "size" | "root">,
  leaves: Leaves,
): BuiltLog {
  const hashes = hashesOf(leaves);
  const isWhole = leaves.length === size && !leaves.includes(undefined);
  if (!isWhole || encodeBase64(treeRoot(size, hashes)) !== encodeBase64(root))
    throw new Error(`the log's first ${size} leaves are not those of its checkpoint`);
  return { checkpoint, size, hashes };
}

/** Those that came after the checkpoint are left out. */
async function firstLeaves(size: number): Promise<(LogLeaf | undefined)[]> {
  const leaves = new Array<LogLeaf | undefined>(size).fill(undefined);
  for (let before: number | null = size; before !== null && before > 0;) {
    const page: LogPage | null = await known(buildApi.log({ before, limit: 200 }));
    for (const leaf of page?.leaves ?? []) leaves[leaf.index] = leaf;
    before = page?.next ?? null;
  }
  return leaves;
}

/** Of every complete subtree: twice as many as leaves. */
function hashesOf(leaves: Leaves): BuiltLog["hashes"] {
  const levels: Uint8Array[][] = [];
  const hashes = ({ level, index }: TreeNode) => levels[level]![index]!;
  for (const [index, leaf] of leaves.entries()) {
    if (leaf === undefined) break;
    const { kind, digest } = leaf;
    for (const node of completedNodes(index, logEntryHash({ kind, digest }), hashes))
      (levels[node.level] ??= [])[node.index] = node.hash;
  }
  return hashes;
}

/** @file Has a log only grown? Asked of its server, believed only with proofs. */

import type { Tree } from "../../record/entry-file/log-checks.ts";
import { openCheckpoint } from "../../record/log/checkpoint.ts";
import { ConsistencyProof, openConsistencyProof } from "../../record/log/log-proof.ts";
import type { VerifierKey } from "../../record/log/verifier-key.ts";
import type { Client } from "../client/client.ts";
import { rootText } from "./known-logs.ts";

export type Growth = { ok: true; newest: Tree } | { ok: false; reason: string };

/** A busy log may grow between two answers. */
const TRIES = 5;

/** @param trees that the server's newest tree must begin with, every one of them. */
export async function proveGrowth(
  client: Client,
  log: VerifierKey,
  trees: readonly Tree[],
): Promise<Growth> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const newest = await newestTree(client, log);
    if (!newest.ok) return newest;
    const growths = await Promise.all(
      trees.map((tree) => growthFrom(client, log, tree, newest.newest)),
    );
    const broken = growths.find((growth) => !growth.ok);
    if (broken) return broken;
    const ends = [newest, ...growths].map((growth) => (growth as { newest: Tree }).newest);
    if (ends.every(({ size }) => size === ends[0]!.size)) return agreed(ends);
  }
  return { ok: false, reason: "the log grew faster than it could be looked at; try again" };
}

async function newestTree(client: Client, log: VerifierKey): Promise<Growth> {
  const opened = await openCheckpoint(await client.getText("/v1/log/checkpoint"), log);
  return opened.ok ? { ok: true, newest: opened.checkpoint } : opened;
}

async function growthFrom(
  client: Client,
  log: VerifierKey,
  tree: Tree,
  newest: Tree,
): Promise<Growth> {
  if (tree.size > newest.size)
    return {
      ok: false,
      reason: `the log has shrunk: ${tree.size} leaves were signed for, now ${newest.size}`,
    };
  if (tree.size === newest.size) return agreed([tree, newest]);
  if (tree.size === 0) return { ok: true, newest };
  const proof = await client.get(`/v1/log/consistency/${tree.size}`, ConsistencyProof);
  const opened = await openConsistencyProof(proof, tree, log);
  return opened.ok ? { ok: true, newest: opened.checkpoint } : opened;
}

/** Trees of one size have one root, or the log has two histories. */
function agreed(trees: readonly Tree[]): Growth {
  const [first, ...others] = trees;
  if (others.every((tree) => rootText(tree) === rootText(first!)))
    return { ok: true, newest: first! };
  return { ok: false, reason: `the log has two histories of ${first!.size} leaves` };
}

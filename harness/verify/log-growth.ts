/** @file Has a log only grown? Asked of its server, believed only with proofs. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Tree } from "../../record/entry-file.ts";
import { type VerifierKey, openCheckpoint } from "../../record/log/checkpoint.ts";
import { ConsistencyProof, openConsistencyProof } from "../../record/log/log-proof.ts";
import type { Client } from "../client/client.ts";
import { rootText } from "./known-logs.ts";

export type Growth = { ok: true; newest: Tree } | { ok: false; reason: string };

/** A busy log may grow between two answers. */
const TRIES = 5;

/**
 * An answer may be some seconds old (a server, or a cache before it, keeps one longer than another), so a checkpoint
 * that lags behind is asked for again, fresh, before anybody is accused.
 */
const LAG_MILLISECONDS = [300, 2200];

/** @param trees that the server's newest tree must begin with, every one of them. */
export async function proveGrowth(
  client: Client,
  log: VerifierKey,
  trees: readonly Tree[],
): Promise<Growth> {
  const known = Math.max(...trees.map(({ size }) => size));
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const newest = await caughtUpTree(client, log, known);
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

/** The newest tree, once it has as many leaves as are known, or has lagged behind for too long. */
async function caughtUpTree(client: Client, log: VerifierKey, known: number): Promise<Growth> {
  let newest = await newestTree(client, log, "kept");
  for (const lag of LAG_MILLISECONDS) {
    if (!newest.ok || newest.newest.size >= known) break;
    await sleep(lag);
    newest = await newestTree(client, log, "fresh");
  }
  return newest;
}

async function newestTree(
  client: Client,
  log: VerifierKey,
  age: "kept" | "fresh",
): Promise<Growth> {
  const opened = await openCheckpoint(await client.getText("/v1/log/checkpoint", age), log);
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

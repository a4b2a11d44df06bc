/** @file Is the log that holds a statement the one met before, grown? With its server at hand or without. */

import type { Tree } from "../../record/entry-file.ts";
import { type VerifierKey, formatVerifierKey } from "../../record/log/checkpoint.ts";
import type { Effects } from "../cli/effects.ts";
import type { Client } from "../client/client.ts";
import { UserError } from "../errors.ts";
import { type Finding, failed, passed, skipped } from "./finding.ts";
import { type KnownLog, rememberLog, rootText, treeOf } from "./known-logs.ts";
import { proveGrowth } from "./log-growth.ts";

export interface Place {
  /** The tree that holds the statement; null where none was proved to. */
  tree: Tree | null;
  known: KnownLog | null;
  /** Does the file bring a proof of its own between two trees? */
  isJoined: boolean;
  /** What the file alone says. */
  offline: Finding;
}

/** @param client of the log's server; null without a network. A log that is proved is remembered then. */
export function consistencyFinding(
  client: Client | null,
  log: VerifierKey,
  { tree, ...place }: Place,
  effects: Pick<Effects, "env" | "now">,
): Promise<Finding> {
  if (tree === null)
    return Promise.resolve(skipped("consistency", "Not reached: no tree holds the statement."));
  if (client === null) return Promise.resolve(withoutServer(tree, place));
  return withServer(client, log, { tree, known: place.known }, effects);
}

/** What was proved stays proved where it cannot be written down. @returns why it cannot; else null. */
function remembered(...known: Parameters<typeof rememberLog>): string | null {
  try {
    rememberLog(...known);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** A file older or newer than what was seen is no fault: the proof between the two is simply not in it. */
function withoutServer(tree: Tree, { known, isJoined, offline }: Omit<Place, "tree">): Finding {
  if (known === null || known.size === tree.size || isJoined) return offline;
  const text = `The file's log has ${tree.size} leaves, ${known.size} were seen before; only its server can join them (give the id instead).`;
  return skipped("consistency", text);
}

async function withServer(
  client: Client,
  log: VerifierKey,
  { tree, known }: { tree: Tree; known: KnownLog | null },
  effects: Pick<Effects, "env" | "now">,
): Promise<Finding> {
  const growth = await proveGrowth(client, log, known ? [treeOf(known), tree] : [tree]);
  if (!growth.ok) return failed("consistency", `LOG ${log.name}: ${growth.reason}.`);
  const { newest } = growth;
  const seenAt = new Date(effects.now()).toISOString();
  const verifierKey = known?.verifierKey ?? formatVerifierKey(log);
  const entry = { verifierKey, api: client.api, size: newest.size, root: rootText(newest), seenAt };
  const failure = remembered(log.name, entry, effects);
  const before = known
    ? `begin with the ${known.size} seen at ${known.seenAt}`
    : failure === null
      ? "are remembered from now on"
      : "were met for the first time";
  const after = failure === null ? "." : `, but this cannot be remembered: ${failure}`;
  return passed("consistency", `${newest.size} leaves of ${log.name} ${before}${after}`);
}

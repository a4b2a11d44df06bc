/** @file Trust in a log, on first use: its key must stay the same, and the log must only grow. */

import { formatPlural } from "../format.ts";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type VerifierKey,
  formatVerifierKey,
  openCheckpoint,
  parseVerifierKey,
} from "../../record/log/checkpoint.ts";
import type { Effects } from "../effects.ts";
import { type Finding, failed, passed, skipped } from "./finding.ts";
import type { Tree } from "../../record/answers/entry-file.ts";
import { decodeBase64, encodeBase64 } from "../../record/signature/base64.ts";
import { UserError } from "../errors.ts";
import { makeFolder, readDocument, writeJsonAtomic } from "../files.ts";
import { configFolder } from "./key-store.ts";
import type { Client } from "./client.ts";
import { ConsistencyProof, openConsistencyProof } from "../../record/log/log-proof.ts";

interface Trust {
  finding: Finding;
  /** Null: the text is not a key, or not the key of before. */
  log: VerifierKey | null;
  known: KnownLog | null;
}

/** @param text the key, as given by a server or a file. */
export function trustLog(
  text: string,
  source: "server" | "file",
  effects: Pick<Effects, "env">,
): Trust {
  const log = parseVerifierKey(text);
  if (log === null)
    return { finding: failed("log key", "It is not a verifier key."), log, known: null };
  const known = knownLog(log.name, effects);
  if (known === null) return { finding: passed("log key", firstMeeting(text, source)), log, known };
  if (known.verifierKey === text)
    return { finding: passed("log key", `The key known for ${log.name}.`), log, known };
  const complaint =
    `THE KEY OF LOG ${log.name} HAS CHANGED: known is ${known.verifierKey} (${known.api}), now it is ${text}. ` +
    `Either this is another log under the same name, or an impostor. Ask its operator; to start afresh, ` +
    `delete "${log.name}" from ${knownLogsPath(effects)}.`;
  return { finding: failed("log key", complaint), log: null, known };
}

/** The key in a file is not remembered, as whoever made the file chose it. */
function firstMeeting(text: string, source: "server" | "file"): string {
  return source === "server"
    ? `Met for the first time, trusted from now on: ${text}`
    : `Never met before; taken from the file itself, so compare it with what the log publishes: ${text}`;
}

const KnownLog = z.strictObject({
  /** As the server gave it the first time. */
  verifierKey: z.string(),
  /** The address at which it was last seen. */
  api: z.string(),
  size: z.int().min(0),
  /** Base64 of 32 bytes. */
  root: z.string().length(44),
  seenAt: z.iso.datetime(),
});

/** The logs that this machine has seen, with the last proven tree of each, which would reveal a rewritten history. */
export type KnownLog = z.infer<typeof KnownLog>;

/** The known logs by origin. */
const KnownLogs = z.record(z.string(), KnownLog);

type ConfigEffects = Pick<Effects, "env">;

function knownLogsPath({ env }: ConfigEffects): string {
  return join(configFolder(env), "logs.json");
}

/** Null for a log never seen before. @throws UserError when the file is damaged. */
function knownLog(origin: string, effects: ConfigEffects): KnownLog | null {
  const logs = readKnownLogs(effects);
  return Object.hasOwn(logs, origin) ? logs[origin]! : null;
}

/** A tree smaller than the remembered one does not replace it. */
function rememberLog(origin: string, log: KnownLog, effects: ConfigEffects): void {
  const logs = readKnownLogs(effects);
  const before = Object.hasOwn(logs, origin) ? logs[origin]! : null;
  if (before && before.size > log.size) return;
  const folder = configFolder(effects.env);
  if (!existsSync(folder)) makeFolder(folder);
  writeJsonAtomic(knownLogsPath(effects), { ...logs, [origin]: log });
}

export function treeOf({ size, root }: KnownLog): Tree {
  return { size, root: decodeBase64(root) ?? new Uint8Array() };
}

function rootText({ root }: Tree): string {
  return encodeBase64(root);
}

function readKnownLogs(effects: ConfigEffects): z.infer<typeof KnownLogs> {
  return readDocument(knownLogsPath(effects), KnownLogs) ?? KnownLogs.parse({});
}

/** Has the log that holds a statement only grown since it was last seen? With or without its server at hand. */
interface LogMeeting {
  /** The tree that holds the statement; null where that was not proven. */
  tree: Tree | null;
  known: KnownLog | null;
  /** Does the file contain its own proof between two trees? */
  isJoined: boolean;
  /** What the file alone shows. */
  offline: Finding;
}

/** @param client of the log's server, whose proven log is then remembered; null without a network. */
export function consistencyFinding(
  client: Client | null,
  log: VerifierKey,
  { tree, ...place }: LogMeeting,
  effects: Pick<Effects, "env" | "now">,
): Promise<Finding> {
  if (tree === null)
    return Promise.resolve(skipped("consistency", "Not reached: no tree holds the statement."));
  if (client === null) return Promise.resolve(withoutServer(tree, place));
  return withServer(client, log, { tree, known: place.known }, effects);
}

/** What was proven stays proven even if it cannot be written down. @returns why it cannot; else null. */
function remembered(...known: Parameters<typeof rememberLog>): string | null {
  try {
    rememberLog(...known);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** It is not a fault that a file is older or newer than what was seen: it just lacks the proof between the two. */
function withoutServer(
  tree: Tree,
  { known, isJoined, offline }: Omit<LogMeeting, "tree">,
): Finding {
  if (known === null || known.size === tree.size || isJoined) return offline;
  const text = `The file's log has ${formatPlural(tree.size, "leaf", "leaves")}, ${known.size} were seen before; only its server can join them (give the id instead).`;
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
  return passed(
    "consistency",
    `${formatPlural(newest.size, "leaf", "leaves")} of ${log.name} ${before}${after}`,
  );
}

/** Has a log only grown? Its server is asked, and believed only with proofs. */
type Growth = { ok: true; newest: Tree } | { ok: false; reason: string };

/** A busy log may grow between two answers. */
const TRIES = 5;

/**
 * Answers may be some seconds old (a server, or a cache in front of it, keeps some longer than others), so before
 * anybody is accused, a checkpoint that lags behind is requested again, fresh.
 */
const LAG_MILLISECONDS = [300, 2200];

/** @param trees all of which the server's newest tree must begin with. */
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
  return { ok: false, reason: "the log grew faster than it could be read; try again" };
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
      reason: `the log has shrunk: ${formatPlural(tree.size, "leaf was", "leaves were")} signed for, now ${newest.size}`,
    };
  if (tree.size === newest.size) return agreed([tree, newest]);
  if (tree.size === 0) return { ok: true, newest };
  const proof = await client.get(`/v1/log/consistency/${tree.size}`, ConsistencyProof);
  const opened = await openConsistencyProof(proof, tree, log);
  return opened.ok ? { ok: true, newest: opened.checkpoint } : opened;
}

/** Two trees of one size with different roots are two histories. */
function agreed(trees: readonly Tree[]): Growth {
  const [first, ...others] = trees;
  if (others.every((tree) => rootText(tree) === rootText(first!)))
    return { ok: true, newest: first! };
  return { ok: false, reason: `the log has two histories of ${first!.size} leaves` };
}

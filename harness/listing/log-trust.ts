/** @file Which key is the log's: the one first met, or a loud complaint. */

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
  /** Null: the text is no key, or another one than before. */
  log: VerifierKey | null;
  known: KnownLog | null;
}

/** @param text the key as a server or a file gives it. */
export function trustLog(
  text: string,
  source: "server" | "file",
  effects: Pick<Effects, "env">,
): Trust {
  const log = parseVerifierKey(text);
  if (log === null)
    return { finding: failed("log key", "It is no verifier key."), log, known: null };
  const known = knownLog(log.name, effects);
  if (known === null) return { finding: passed("log key", firstMeeting(text, source)), log, known };
  if (known.verifierKey === text)
    return { finding: passed("log key", `The one known of ${log.name} before.`), log, known };
  const complaint =
    `THE KEY OF LOG ${log.name} HAS CHANGED: known is ${known.verifierKey} (${known.api}), now it is ${text}. ` +
    `Either it is another log under the same name, or somebody pretends. Ask its operator; to start afresh, ` +
    `delete "${log.name}" from ${knownLogsPath(effects)}.`;
  return { finding: failed("log key", complaint), log: null, known };
}

/** A file's word is not kept: whoever made the file chose the key. */
function firstMeeting(text: string, source: "server" | "file"): string {
  return source === "server"
    ? `Met for the first time, trusted from now on: ${text}`
    : `Never met before; taken from the file itself, so compare it with what the log publishes: ${text}`;
}

const KnownLog = z.strictObject({
  /** As the server gave it when it was first met. */
  verifierKey: z.string(),
  /** Where it was met last. */
  api: z.string(),
  size: z.int().min(0),
  /** Base64 of 32 bytes. */
  root: z.string().length(44),
  seenAt: z.iso.datetime(),
});

/** The logs this machine has met, with the last tree of each that was proved: what rewritten history is held against. */
export type KnownLog = z.infer<typeof KnownLog>;

/** By origin. */
const KnownLogs = z.record(z.string(), KnownLog);

type ConfigEffects = Pick<Effects, "env">;

function knownLogsPath({ env }: ConfigEffects): string {
  return join(configFolder(env), "logs.json");
}

/** Null for a log that was never met. @throws UserError when the file is damaged. */
function knownLog(origin: string, effects: ConfigEffects): KnownLog | null {
  const logs = readKnownLogs(effects);
  return Object.hasOwn(logs, origin) ? logs[origin]! : null;
}

/** A tree that is smaller than the one remembered replaces nothing. */
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

/** Is the log that holds a statement the one met before, grown? With its server at hand or without. */
interface LogMeeting {
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
  { tree, ...place }: LogMeeting,
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
function withoutServer(
  tree: Tree,
  { known, isJoined, offline }: Omit<LogMeeting, "tree">,
): Finding {
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

/** Has a log only grown? Asked of its server, believed only with proofs. */
type Growth = { ok: true; newest: Tree } | { ok: false; reason: string };

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

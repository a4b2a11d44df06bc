/** @file The logs this machine has met, with the last tree of each that was proved: what rewritten history is held against. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { schemaProblems } from "../../record/problem.ts";
import type { Tree } from "../../record/entry-file.ts";
import { decodeBase64, encodeBase64 } from "../../record/signature/base64.ts";
import type { Effects } from "../cli/effects.ts";
import { EXIT, UserError } from "../errors.ts";
import { makeFolder, readJson, writeJsonAtomic } from "../files.ts";
import { configFolder } from "../keys/config-folder.ts";

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
export type KnownLog = z.infer<typeof KnownLog>;

/** By origin. */
const KnownLogs = z.record(z.string(), KnownLog);

type Place = Pick<Effects, "env">;

export function knownLogsPath({ env }: Place): string {
  return join(configFolder(env), "logs.json");
}

/** Null for a log that was never met. @throws UserError when the file is damaged. */
export function knownLog(origin: string, effects: Place): KnownLog | null {
  const logs = readKnownLogs(effects);
  return Object.hasOwn(logs, origin) ? logs[origin]! : null;
}

/** A tree that is smaller than the one remembered replaces nothing. */
export function rememberLog(origin: string, log: KnownLog, effects: Place): void {
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

export function rootText({ root }: Tree): string {
  return encodeBase64(root);
}

function readKnownLogs(effects: Place): z.infer<typeof KnownLogs> {
  const path = knownLogsPath(effects);
  const parsed = KnownLogs.safeParse(readJson(path) ?? {});
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error).join("; ");
  throw new UserError(`${path} is damaged (${problems}).`, EXIT.verification);
}

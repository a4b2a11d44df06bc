/** @file What could not be sent yet: one file for each waiting folder, beside the person's keys. */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { schemaProblems } from "../../record/problem.ts";
import type { Effects } from "../cli/effects.ts";
import { EXIT, UserError } from "../errors.ts";
import { makeFolder, readJson, writeJsonAtomic } from "../files.ts";
import { configFolder } from "../keys/config-folder.ts";

const Waiting = z.strictObject({
  /** Absolute path of an output folder with a submission.json. */
  folder: z.string(),
  /** Address of the server. */
  api: z.string(),
  /** Name of the key that signed it, as it was called then. */
  key: z.string(),
});
export type Waiting = z.infer<typeof Waiting>;

type Place = Pick<Effects, "env">;

function queueFolder({ env }: Place): string {
  return join(configFolder(env), "queue");
}

/** The same folder and server have the same file, so nothing waits twice. */
export function waitingPath(
  { folder, api }: Pick<Waiting, "folder" | "api">,
  effects: Place,
): string {
  const name = createHash("sha256")
    .update(JSON.stringify([folder, api]))
    .digest("hex");
  return join(queueFolder(effects), `${name.slice(0, 32)}.json`);
}

export function enqueue(waiting: Waiting, effects: Place): void {
  makeFolder(queueFolder(effects));
  writeJsonAtomic(waitingPath(waiting, effects), waiting);
}

export function dequeue(waiting: Pick<Waiting, "folder" | "api">, effects: Place): void {
  rmSync(waitingPath(waiting, effects), { force: true });
}

export function isQueued(waiting: Pick<Waiting, "folder" | "api">, effects: Place): boolean {
  return existsSync(waitingPath(waiting, effects));
}

/** @throws UserError for a damaged file. */
export function listQueue(effects: Place): Waiting[] {
  return queueFiles(effects).map(readWaiting);
}

/** The servers that a folder waits for; a damaged file is another command's trouble. */
export function serversWaitedFor(folder: string, effects: Place): string[] {
  return queueFiles(effects).flatMap((path) => {
    const { data } = Waiting.safeParse(readOrNull(path));
    return data?.folder === folder ? [data.api] : [];
  });
}

function queueFiles(effects: Place): string[] {
  const folder = queueFolder(effects);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter(
    (file) => file.endsWith(".json") && !file.startsWith("."),
  );
  return files.sort().map((file) => join(folder, file));
}

function readWaiting(path: string): Waiting {
  const parsed = Waiting.safeParse(readJson(path));
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error).join("; ");
  throw new UserError(
    `${path} is damaged (${problems}). Delete it and submit the folder again.`,
    EXIT.verification,
  );
}

function readOrNull(path: string): unknown {
  try {
    return readJson(path);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** @file A laboratory with entries in every state, its boards refreshed: what tests of reading share. */

import { expect } from "vitest";
import type { ZodType } from "zod";
import { refreshBoards } from "../../../db/board/refresh-boards.ts";
import type { Deployment } from "../../../api/deployment.ts";
import {
  type Checkpoint,
  openCheckpoint,
  parseVerifierKey,
} from "../../../record/log/checkpoint.ts";
import type { Result } from "../../../record/statement/statements.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { syntheticResult } from "../../../bench/load/synthetic.ts";
import { aResult, alice, bob } from "../../record/statement/factories.ts";
import { type Laboratory, challenge, openPeopledLaboratory } from "../write/laboratory.ts";

let results = 0;

/** Accepted; with numbers of its own. @returns its id. */
export async function listed(
  laboratory: Laboratory,
  changes: { regs?: string; arch?: string; supersedes?: string; challenged?: boolean } = {},
): Promise<string> {
  const { regs = "none", arch = "mlp-512", supersedes = null, challenged = true } = changes;
  results += 1;
  const issued = await challenge(laboratory, { arch, regs });
  const made = syntheticResult(results, issued);
  const result: Result = challenged ? made : { ...made, challenge: null, fresh: [] };
  const answer = await laboratory.submit("/v1/results", "result", { ...result, supersedes });
  expect(await answer.clone().text()).toContain('"checkpoint"');
  return ((await answer.json()) as { id: string }).id;
}

export async function reproduced(laboratory: Laboratory, entry: string): Promise<string> {
  const issued = await challenge(laboratory, { reproduces: entry }, bob);
  const { supersedes: _, ...measured } = aResult(issued);
  for (const verdict of ["disagree", "agree"] as const) {
    const statement = { ...measured, entry, verdict };
    const answer = await laboratory.submit("/v1/reproductions", "reproduction", statement, bob);
    if (answer.ok) return ((await answer.json()) as { id: string }).id;
  }
  throw new Error("neither verdict was accepted");
}

export async function retract(laboratory: Laboratory, statement: string, reason: string) {
  const retraction = { key: alice.key, statement, reason };
  const answer = await laboratory.submit("/v1/retractions", "retraction", retraction);
  expect(answer.status).toBe(201);
}

export async function moderate(
  laboratory: Laboratory,
  action: "quarantine" | "unquarantine" | "note" | "erase-name",
  subject: string,
  reason: string,
) {
  const at = laboratory.deployment.now().toISOString();
  const moderation = { key: bob.key, action, subject, reason, at };
  const answer = await laboratory.submit("/v1/moderations", "moderation", moderation, bob);
  expect(answer.status).toBe(201);
}

export async function nameKey(laboratory: Laboratory, name: string, holder = alice) {
  const at = laboratory.deployment.now().toISOString();
  const digest = bytesToHex(sha256(utf8ToBytes(name)));
  const statement = { action: "name", key: holder.key, name: digest, at } as const;
  const envelope = await sealEnvelope("key", statement, [holder.seed]);
  expect((await laboratory.send("/v1/keys", { envelope, name })).status).toBeLessThan(300);
}

export async function openReadingRoom(changes: Partial<Deployment> = {}) {
  const laboratory = await openPeopledLaboratory({ operators: new Set([bob.key]), ...changes });
  const { app, db } = laboratory;
  const get = (path: string, headers: HeadersInit = {}) => app.request(path, { headers });
  return {
    ...laboratory,
    get,
    refresh: () => refreshBoards(db),
    /** 200, and what the schema says it is. */
    read: async <T>(path: string, schema: ZodType<T>): Promise<T> => {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, 200]);
      return schema.parse(await answer.json());
    },
  };
}
export type ReadingRoom = Awaited<ReturnType<typeof openReadingRoom>>;

/** Three entries: one that was reproduced, one that was moderated, and one that was retracted. */
export async function openEventfulRoom() {
  const room = await openReadingRoom();
  await nameKey(room, "=Alice"); // a formula, to a spreadsheet
  const ids = [await listed(room), await listed(room, { regs: "wd=0.005" })];
  ids.push(await listed(room, { arch: "cnn-16" }));
  const reproduction = await reproduced(room, ids[0]!);
  await moderate(room, "quarantine", ids[1]!, "looks copied");
  await moderate(room, "unquarantine", ids[1]!, "it was not");
  await retract(room, ids[2]!, "a wrong seed");
  await room.refresh();
  return { room, ids, reproduction };
}

export const logKey = async (room: ReadingRoom) =>
  parseVerifierKey((await (await room.get("/v1/log/key")).text()).trim())!;
/** The newest, signed by the log's key. */
export const checkpoint = async (room: ReadingRoom): Promise<Checkpoint> => {
  const note = await (await room.get("/v1/log/checkpoint")).text();
  const opened = await openCheckpoint(note, await logKey(room));
  if (!opened.ok) throw new Error(opened.reason);
  return opened.checkpoint;
};

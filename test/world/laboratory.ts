/** @file The API in this process, on a database of its own, and rooms of it in which something has happened. */

import { eq, getTableName } from "drizzle-orm";
import { expect } from "vitest";
import type { ZodType } from "zod";
import { createApp, ROUTES } from "../../api/app.ts";
import { type Deployment, LIMITS } from "../../api/deployment.ts";
import { refreshBoards } from "../../db/board/refresh-boards.ts";
import type { Reader } from "../../db/db.ts";
import { INDEX_TABLES } from "../../db/dump/reindex.ts";
import { type EntryStanding, standingsOf } from "../../db/project/standings.ts";
import { entries, keyNames, leaves, logNodes } from "../../db/schema.ts";
import type { ProblemDocument } from "../../record/answers/problem-document.ts";
import { type Checkpoint, openCheckpoint, parseVerifierKey } from "../../record/log/checkpoint.ts";
import { openTestDatabase } from "./databases.ts";
import { type KeyHolder, alice, bob } from "./statements.ts";
import { listed, moderate, nameKey, problemOf, reproduced, retract, visitorBy } from "./visitor.ts";

export type Laboratory = Awaited<ReturnType<typeof openLaboratory>>;

export async function openLaboratory(changes: Partial<Deployment> = {}) {
  const { db, close } = await openTestDatabase();
  let time = Date.parse("2026-03-01T12:00:00Z");
  let changed = 0;
  const after: Promise<void>[] = [];
  const reported: unknown[] = [];
  const deployment: Deployment = {
    keeper: { origin: "log.test/1", seed: new Uint8Array(32).fill(9) },
    operators: new Set(),
    limits: LIMITS,
    now: () => new Date(time),
    open: () => Promise.resolve({ db, close: () => Promise.resolve() }),
    after: (work) => void after.push(work()),
    boardsChanged: () => void (changed += 1),
    checkMilliseconds: 1000,
    address: "192.0.2.1",
    ...changes,
  };
  const app = createApp(
    () => deployment,
    (error) => reported.push(error),
  );
  const visitor = visitorBy(
    (path, init) => app.request(path, init),
    () => deployment.now(),
  );
  return {
    ...visitor,
    register: async (holder: KeyHolder) =>
      expect((await visitor.register(holder)).status).toBe(201),
    db,
    deployment,
    app,
    close,
    reported,
    /** How often the boards were said to have changed. */
    changes: () => changed,
    settle: () => Promise.all(after),
    wait: (seconds: number) => (time += seconds * 1000),
    logSize: async () => (await db.select({ index: leaves.index }).from(leaves)).length,
    refresh: () => refreshBoards(db),
    /** 200, and what the schema says it is. */
    read: async <T>(path: string, schema: ZodType<T>): Promise<T> => {
      const answer = await visitor.get(path);
      expect([path, answer.status]).toEqual([path, 200]);
      return schema.parse(await answer.json());
    },
  };
}

/** A laboratory where Alice and Bob are registered. */
export async function openPeopledLaboratory(
  changes: Partial<Deployment> = {},
): Promise<Laboratory> {
  const laboratory = await openLaboratory(changes);
  for (const holder of [alice, bob]) await laboratory.register(holder);
  return laboratory;
}

/** A laboratory where Bob is an operator. */
export const openReadingRoom = (changes: Partial<Deployment> = {}): Promise<Laboratory> =>
  openPeopledLaboratory({ operators: new Set([bob.key]), ...changes });

export type EventfulRoom = Awaited<ReturnType<typeof openEventfulRoom>>;

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

/** The refusal, with every table as it was, but for what it cost its address. */
export async function refused(
  { db }: Laboratory,
  ask: () => Promise<Response> | Response,
): Promise<ProblemDocument & { name: string }> {
  const before = await stored(db);
  const problem = await problemOf(await ask());
  expect(await stored(db)).toEqual(before);
  return problem;
}

const TABLES = [...INDEX_TABLES, leaves, logNodes, keyNames];

function stored(db: Reader): Promise<[table: string, rows: number][]> {
  const counts = TABLES.map(async (table): Promise<[string, number]> => {
    return [getTableName(table), await db.$count(table)];
  });
  return Promise.all(counts);
}

/** Where one entry stands, as its configuration's refresh would tell it. */
export async function toldOf(db: Reader, id: string): Promise<EntryStanding> {
  const [entry] = await db.select().from(entries).where(eq(entries.id, id));
  return (await standingsOf(db, entry!.protocol, [entry!])).get(id)!;
}

export async function standingOf(db: Reader, id: string) {
  return (await toldOf(db, id)).standing;
}

export const logKey = async ({ get }: Laboratory) =>
  parseVerifierKey((await (await get("/v1/log/key")).text()).trim())!;

/** The newest, signed by the log's key. */
export const checkpoint = async (room: Laboratory): Promise<Checkpoint> => {
  const note = await (await room.get("/v1/log/checkpoint")).text();
  const opened = await openCheckpoint(note, await logKey(room));
  if (!opened.ok) throw new Error(opened.reason);
  return opened.checkpoint;
};

const PLACES: Readonly<Record<string, string>> = {
  "{protocol}": "micro-1",
  "{key}": alice.key,
  "{older}": "3",
  "{kind}": "arch",
  "{place}": "entries/000.p/1",
  "{prefix}": alice.key.slice(0, 8),
};

/** With what a route's query makes of it where that asks something else. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  "/v1/boards/{protocol}": ["?regs=none", "?sort=gap&order=descending&limit=1"],
  "/v1/log/entries": ["?kind=moderation", "?limit=1"],
  "/v1/challenges": ["?protocol=micro-1&arch=mlp-512", `?key=${alice.key}`],
  "/v1/log/tile/{place}": [],
};

/** @param custom id of an entry with an architecture of its own. @returns for every route the addresses that answer 200. */
export function everyRoute({ ids, reproduction }: EventfulRoom, custom: string) {
  return ROUTES.map((route) => {
    const { path } = route;
    const name = path.startsWith("/problems") ? "not-found" : "result";
    const id = path.includes("challenges")
      ? null
      : path.includes("statements")
        ? reproduction
        : path.includes("sources")
          ? custom
          : ids[0]!;
    const address = path
      .replace("{name}", name)
      .replace("{id}", id ?? "CHALLENGE")
      .replaceAll(/\{\w+\}/g, (part) => PLACES[part]!);
    const first = path === "/v1/compare" ? `${address}?entries=${ids[0]},${ids[1]}` : address;
    return { route, addresses: [first, ...(MORE[path] ?? []).map((query) => address + query)] };
  });
}

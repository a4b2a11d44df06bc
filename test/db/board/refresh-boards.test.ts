import { asc, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boardPage } from "../../../db/board/board-page.ts";
import { rankEdition, storeEdition } from "../../../db/board/rank-editions.ts";
import { indexLeaf } from "../../../db/project/index-leaf.ts";
import * as schema from "../../../db/schema.ts";
import { RANKED, SORTS, type Sort } from "../../../record/board/board-columns.ts";
import { BoardPage } from "../../../record/board/board-row.ts";
import type { State } from "../../../record/board/standing.ts";
import { protocolId } from "../../../record/protocols.ts";
import { aWholeDivergedRun, micro } from "../../world/runs.ts";
import { syntheticResult } from "../../../bench/load/synthetic.ts";
import { challenge, listed, moderate, reproduced, retract } from "../../world/visitor.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";

const { boards, boardChanges, boardRanks, entries, leaves } = schema;

let room: Laboratory;
let ids: string[];
beforeAll(async () => {
  room = await openReadingRoom();
  ids = [];
  for (const regs of ["none", "none", "wd=0.005", "dropout=0.1"])
    ids.push(await listed(room, { regs }));
  ids.push(await diverged());
  await reproduced(room, ids[0]!);
  await moderate(room, "quarantine", ids[3]!, "odd");
  await room.refresh();
});
afterAll(() => room.close());

/** One of its runs diverged, so that most of its numbers are missing. */
async function diverged(): Promise<string> {
  const issued = await challenge(room, { regs: "dropout=0.2" });
  const result = syntheticResult(900, issued);
  const { seed, arch, regs } = result.panel[0]!;
  const panel = result.panel.with(0, aWholeDivergedRun({ seed, arch, regs }));
  const answer = await room.submit("/v1/results", "result", { ...result, panel });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}

const state = "self-reported,challenged,reproduced,disputed,superseded,retracted,quarantined";
const pages = () =>
  Promise.all(
    SORTS.map(async (sort) =>
      (await room.get(`/v1/boards/micro-1?sort=${sort}&state=${state}`)).text(),
    ),
  );
/** Asks no cache. */
const computed = (sort: Sort, states: readonly State[]) =>
  boardPage(
    room.db,
    { id: protocolId(micro), name: "micro-1" },
    {
      ...{ sort, order: "ascending", cursor: null, limit: 50 },
      filters: { states, archs: null, regs: null, key: null, device: null },
    },
  );
const versions = async () => (await room.db.select().from(boards)).map(({ version }) => version);

test("the same leaves give the same boards, byte by byte", async () => {
  const { db } = room;
  const before = await pages();
  const log = await db.select().from(leaves).orderBy(asc(leaves.index));
  await db.transaction(async (tx) => {
    await tx.execute(sql`reset role`);
    for (const name of ["keys", "challenges", "entries", "reproductions", "retractions"] as const)
      await tx.delete(schema[name]);
    for (const name of [
      "moderations",
      "runCounts",
      "boardChanges",
      "boards",
      "boardRanks",
    ] as const)
      await tx.delete(schema[name]);
    for (const leaf of log) await indexLeaf(tx, leaf);
  });
  expect(await db.select().from(boardRanks)).toEqual([]);
  await room.refresh();
  for (const [i, sort] of SORTS.entries()) {
    const shown = BoardPage.parse(JSON.parse(before[i]!));
    const states = new Set(shown.rows.map(({ standing }) => standing.state));
    const again = await computed(sort, [...states]);
    expect(JSON.stringify(again)).toBe(before[i]);
  }
});

test("rows without the number come last in both orders, and every page is reached", async () => {
  for (const order of ["ascending", "descending"]) {
    const query = `/v1/boards/micro-1?sort=complexity&order=${order}&limit=1`;
    const found: string[] = [];
    for (let next: string | null = ""; next !== null;) {
      const after: string = next === "" ? "" : `&after=${next}`;
      const page: BoardPage = await room.read(query + after, BoardPage);
      found.push(page.rows[0]!.entry);
      next = page.next;
    }
    expect(found).toHaveLength(4);
    expect(found.at(-1)).toBe(ids[4]);
  }
  const { rows } = await room.read("/v1/boards/micro-1?sort=complexity", BoardPage);
  expect(rows.at(-1)).toMatchObject({ rank: null, divergence: "1 of 8 diverged" });
});

test("nothing to do changes nothing", async () => {
  const before = await versions();
  await room.refresh();
  expect(await versions()).toEqual(before);
});

test("a leaf that concerns no row moves the boards' log size alone", async () => {
  const ranks = await room.db.select().from(boardRanks);
  await challenge(room, { regs: "wd=0.9" });
  await room.refresh();
  const stored = await room.db.select().from(boards);
  const size = await room.logSize();
  expect(stored.map(({ logSize }) => logSize)).toEqual(stored.map(() => size));
  expect(await room.db.select().from(boardRanks)).toEqual(ranks);
});

test("an entry waits for the refresh; then it is ranked, and so are all others anew", async () => {
  // each under an address of its own, as answers are kept for a second
  const shown = async (limit: number) =>
    (await room.read(`/v1/boards/micro-1?limit=${limit}`, BoardPage)).rows;
  const before = await shown(40);
  const id = await listed(room, { regs: "wd=0.001" });
  expect(await shown(41)).toEqual(before);
  await room.refresh();
  const after = await shown(42);
  expect(after.map(({ entry }) => entry)).toContain(id);
  const highest = Math.max(...after.map(({ rank }) => rank?.high ?? 0));
  expect(highest).toBe(after.filter(({ rank, counted }) => rank !== null && counted).length);
});

test("a retraction takes an entry out of the ranks, in every column", async () => {
  const { number } = (await room.db.query.entries.findFirst({ where: eq(entries.id, ids[2]!) }))!;
  const ranksOf = async () =>
    (
      await room.db
        .select()
        .from(boardRanks)
        .where(eq(boardRanks.protocol, protocolId(micro)))
    ).map(({ ranks }) => [...ranks.slice(12 * number, 12 * number + 12)].some((byte) => byte > 0));
  expect(await ranksOf()).toEqual(RANKED.map(() => true));
  await retract(room, ids[2]!, "wrong");
  await room.refresh();
  expect(await ranksOf()).toEqual(RANKED.map(() => false));
});

test("ranks are shown with their board alone; what a killed refresh left goes with the next one", async () => {
  const { db } = room;
  const protocol = protocolId(micro);
  const before = await computed("complexity", ["challenged"]);
  const killed = await rankEdition(new Map([["complexity", new Uint8Array(12 * 40).fill(1)]]));
  await storeEdition(db, protocol, killed);
  expect(await computed("complexity", ["challenged"])).toEqual(before);
  await listed(room, { regs: "wd=0.003" });
  await room.refresh();
  const [board] = await db.select().from(boards).where(eq(boards.protocol, protocol));
  const stored = await db.select().from(boardRanks).where(eq(boardRanks.protocol, protocol));
  expect(stored.map(({ edition }) => edition)).toEqual(RANKED.map(() => board!.edition));
});

test("refreshes at the same time leave nothing undone and nothing double", async () => {
  await listed(room, { regs: "wd=0.002" });
  const before = await versions();
  await Promise.all([room.refresh(), room.refresh(), room.refresh()]);
  expect(await room.db.select().from(boardChanges)).toEqual([]);
  expect(await versions()).toEqual(before.map((version) => version + 1));
});

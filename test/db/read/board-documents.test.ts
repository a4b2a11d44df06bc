import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseStamp } from "../../../db/board/database-stamp.ts";
import { refreshDocuments } from "../../../db/read/board-documents.ts";
import { type DocumentKind, boardDocuments } from "../../../db/schema.ts";
import { reindex } from "../../../db/dump/reindex.ts";
import { MeasuresDocument, SentencesDocument } from "../../../record/answers/documents.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";
import { listed } from "../../world/visitor.ts";

let room: Laboratory;
beforeAll(async () => {
  room = await openReadingRoom({ checkMilliseconds: 0 });
  await listed(room);
});
afterAll(() => room.close());

/** Boards first, as a server does behind a write. */
async function refresh(...kinds: DocumentKind[]): Promise<void> {
  await room.refresh();
  for (const kind of kinds) await refreshDocuments(room.db, kind);
}
const measured = async () => (await room.read("/v1/measures/micro-1", MeasuresDocument)).entries;
const said = async () =>
  (await room.read("/v1/boards/micro-1/sentences", SentencesDocument)).sentences.length;

test("before the first refresh there is a board of nothing", async () => {
  expect([await measured(), await said()]).toEqual([0, 0]);
});

test("each follows the board when its time has come", async () => {
  await refresh("sentences", "measures");
  expect([await measured(), await said()]).toEqual([1, 0]);
  await listed(room, { regs: "wd=0.005" });
  await refresh("sentences");
  expect([await measured(), await said()]).toEqual([1, 1]);
  await refresh("measures");
  expect([await measured(), await said()]).toEqual([2, 1]);
});

test("nothing is computed when somebody looks, nor when nothing changed", async () => {
  const { db } = room;
  const changed = JSON.stringify({ looked: "at what is stored" });
  const isMeasures = eq(boardDocuments.kind, "measures");
  const [kept] = await db.select().from(boardDocuments).where(isMeasures);
  await db.update(boardDocuments).set({ document: changed }).where(isMeasures);
  await refresh("measures"); // nothing changed since
  await listed(room, { regs: "wd=0.001" });
  expect(await (await room.get("/v1/measures/micro-1")).text()).toBe(changed);
  await db.update(boardDocuments).set({ document: kept!.document }).where(isMeasures);
});

test("an answer kept in memory gives way to what was computed since", async () => {
  await room.refresh();
  const before = await databaseStamp(room.db);
  await refresh("sentences", "measures");
  expect(await databaseStamp(room.db)).not.toBe(before);
  expect([await measured(), await said()]).toEqual([3, 2]);
});

test("they are rebuilt with the index", async () => {
  const before = await room.db.select().from(boardDocuments);
  await reindex(room.db);
  expect(await room.db.select().from(boardDocuments)).toEqual([]);
  expect([await measured(), await said()]).toEqual([3, 2]);
  await refresh("sentences", "measures");
  const documents = (rows: typeof before) => rows.map(({ document }) => document).sort();
  expect(documents(await room.db.select().from(boardDocuments))).toEqual(documents(before));
});

test("what another server computed of a newer board stays", async () => {
  const { db } = room;
  const isMeasures = eq(boardDocuments.kind, "measures");
  await db.update(boardDocuments).set({ version: 1000, document: "newer" }).where(isMeasures);
  await refresh("measures");
  const stored = await db.select().from(boardDocuments).where(isMeasures);
  expect(new Set(stored.map(({ document }) => document))).toEqual(new Set(["newer"]));
});

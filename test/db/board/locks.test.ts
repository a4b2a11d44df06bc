import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lockLog } from "../../../db/append-leaf.ts";
import { lockBoards, refreshBoards } from "../../../db/board/refresh-boards.ts";
import { isUnavailable } from "../../../db/stores/unavailable.ts";
import { reindex } from "../../../db/dump/reindex.ts";
import { entries } from "../../../db/schema.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";
import { listed } from "../../world/visitor.ts";

/** PGlite has one connection: there nobody waits for anybody. */
const isServer = process.env.RADEMARK_TEST_STORE === "postgres";

let room: Laboratory;
beforeAll(async () => {
  room = await openReadingRoom();
  await listed(room);
});
afterAll(() => room.close());

test.runIf(isServer)("a writer that waits for the log too long is told to try again", async () => {
  const { db } = room;
  const error = await db.transaction(async (holder) => {
    await lockLog(holder);
    return db
      .transaction(async (tx) => {
        await tx.execute(sql`set local lock_timeout = '50ms'`);
        await lockLog(tx);
      })
      .catch((reason: unknown) => reason);
  });
  expect(isUnavailable(error)).toBe(true);
});

test.runIf(isServer)(
  "an index is rebuilt while a board is being stored, and neither fails",
  async () => {
    const { db } = room;
    let rebuilt: Promise<number> | undefined;
    await db.transaction(async (tx) => {
      await lockBoards(tx);
      rebuilt = reindex(db);
      await new Promise((resolve) => setTimeout(resolve, 500)); // now it waits, or holds the rows
      await tx.execute(sql`set local lock_timeout = '3s'`);
      await tx.update(entries).set({ operatorNotes: "[]" });
    });
    expect(await rebuilt).toBe(await room.logSize());
  },
);

test("boards are up to date once the index is rebuilt", async () => {
  await reindex(room.db);
  await refreshBoards(room.db);
  expect((await room.get("/v1/boards/micro-1")).status).toBe(200);
});

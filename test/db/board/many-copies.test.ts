import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boardMeasures } from "../../../db/read/board-documents.ts";
import { rowsOf } from "../../../db/db.ts";
import { boardChanges, entries } from "../../../db/schema.ts";
import { BoardPage } from "../../../record/board/board-row.ts";
import { protocolId } from "../../../record/protocols.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";
import { listed } from "../../world/visitor.ts";
import { micro } from "../../world/runs.ts";

let room: Laboratory;
let first: string;
beforeAll(async () => {
  room = await openReadingRoom();
  first = await listed(room);
  await listed(room, { regs: "wd=0.005" });
  await room.refresh();
});
afterAll(() => room.close());

const protocol = { id: protocolId(micro), document: micro };
const isOwnColumn = new Set(["id", "number", "leaf", "representative"]);

/** Rows as the index writes them for copies of the first entry, with the next numbers up to `size`. */
async function copyRows(from: number, size: number): Promise<void> {
  const rows = rowsOf<{ name: string }>(
    await room.db.execute(sql`select column_name as name from information_schema.columns
      where table_name = 'entries' and table_schema = 'public'`),
  );
  const shared = sql.raw(
    rows
      .filter(({ name }) => !isOwnColumn.has(name))
      .map(({ name }) => `"${name}"`)
      .join(", "),
  );
  await room.db.execute(sql`
    insert into ${entries} (id, number, leaf, representative, ${shared})
    select md5(n::text) || md5('copy' || n), n, 1000000 + n, null, ${shared}
    from ${entries}, generate_series(${from}::int, ${size - 1}::int) n where id = ${first}`);
  const { id } = protocol;
  await room.db.insert(boardChanges).values({ protocol: id, arch: "mlp-512", regs: "none" });
}

/** Of processor time here, where PGlite runs, too: whatever else the machine does. */
async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

test("ten thousand copies take a refresh as many times longer as there are more of them, and weigh as one", async () => {
  const measured = () => boardMeasures(room.db, protocol);
  const before = await measured();
  await copyRows(2, 2500);
  const few = await secondsOf(room.refresh);
  await copyRows(2500, 10_000);
  const many = await secondsOf(room.refresh);
  expect(many).toBeLessThan(Math.max(1, few) * 10); // each against each would be 16 times as long
  const after = await measured();
  expect(after.measures).toEqual(before.measures);
  expect([after.entries, after.configurations]).toEqual([10_000, 2]);
  const { rows } = await room.read("/v1/boards/micro-1?limit=200", BoardPage);
  expect(Math.max(...rows.map(({ rank }) => rank!.high))).toBe(2);
});

import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { OpenedDb } from "../../../api/deployment.ts";
import { problemOf } from "../../world/visitor.ts";
import { openReadingRoom, type Laboratory } from "../../world/laboratory.ts";

/** PGlite, unless tests run on a server. */
const isServer = process.env.RADEMARK_TEST_STORE === "postgres";

let room: Laboratory;
/** SQLSTATEs that the database throws by itself at the next reads. */
let faults: string[];
beforeEach(async () => {
  faults = [];
  room = await openReadingRoom();
  await room.refresh();
  const open = room.deployment.open.bind(room.deployment);
  room.deployment.open = async (purpose): Promise<OpenedDb> => {
    const code = faults.shift();
    if (code !== undefined) await room.db.execute(raised(code));
    return open(purpose);
  };
});
afterEach(() => room.close());

const BOARD = "/v1/boards/micro-1";
const raised = (code: string) =>
  sql.raw(`do $$ begin raise exception 'secret' using errcode = '${code}'; end $$`);

test.each(["40001", "08006"])("a read that fails by %s is asked for once more", async (code) => {
  faults = [code];
  expect((await room.get(BOARD)).status).toBe(200);
  faults = [code];
  expect((await room.get("/v1/health")).status).toBe(200);
  expect(room.reported).toEqual([]);
});

test("a second failure is the answer, and says nothing of storing", async () => {
  faults = ["40001", "40001"];
  const problem = await problemOf(await room.get(BOARD));
  expect([problem.name, problem.detail]).toEqual(["unavailable", "Try again in a moment."]);
  expect(room.reported).toHaveLength(1);
});

test.skipIf(isServer)(
  "a database in this process fails by its own fault, for one alone",
  async () => {
    faults = ["53100"];
    const problem = await problemOf(await room.get(BOARD));
    expect(problem).toMatchObject({ name: "unexpected", status: 500 });
    expect(problem.detail).toBe("The server's own memory, disk or files failed (53100).");
    expect((await room.get(BOARD)).status).toBe(200);
  },
);

test.runIf(isServer)("a server that is away is not asked again for a second", async () => {
  faults = ["53300"];
  expect((await problemOf(await room.get(BOARD))).name).toBe("unavailable");
  expect((await room.get(BOARD)).status).toBe(503);
});

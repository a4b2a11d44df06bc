import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseStamp } from "../../db/board/database-stamp.ts";
import { reported } from "../../api/reported.ts";
import type { MigratedDatabase } from "../../db/stores/open-pglite.ts";
import { openTestDatabase } from "../world/databases.ts";

let deployment: MigratedDatabase;
beforeAll(async () => void (deployment = await openTestDatabase()));
afterAll(() => deployment.close());

const failed = (query: Promise<unknown>): Promise<string> =>
  query.then(() => "it did not fail", reported);

test("a driver's error is told with its severity and SQLSTATE, without the query and its values", async () => {
  const line = await failed(deployment.db.execute(sql`select ${"secret"} from nowhere`));
  expect(line).toMatch(/^error ERROR 42P01: relation "nowhere" does not exist/);
  expect(line).not.toMatch(/secret|select/);
});

test("what a message quotes of a query or a value is left out", async () => {
  const value = await failed(deployment.db.execute(sql`select ${"secret"}::int`));
  expect(value).toMatch(/^error ERROR 22P02/);
  const query = await failed(deployment.db.execute(sql`select secret secret secret`));
  expect(query).toMatch(/^error ERROR 42601/);
  expect(value + query).not.toContain("secret");
});

test("the line of ours that asked is named", async () => {
  const lost = deployment.db.transaction(async (tx) => {
    await tx.execute(sql`set local search_path = nowhere`);
    return databaseStamp(tx);
  });
  const line = await failed(lost);
  expect(line).toMatch(/ \(at db\/board\/database-stamp\.ts:\d+\)$/);
});

/** Without the place, which is this file here. */
const said = (error: unknown) => reported(error).replace(/ \(at .*\)$/, "");

test("whatever is thrown is one line, with what is beneath it", () => {
  const beneath = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const driver = Object.assign(new Error("fetch\nfailed"), { sourceError: beneath });
  const wrapped = new Error("Failed query: select secret", { cause: driver });
  expect(said(wrapped)).toBe("Error: fetch failed, caused by Error ECONNREFUSED: connect");
  const event = Object.assign(new Event("error"), { message: "closed" });
  expect(said(new Error("Failed query: select secret", { cause: event }))).toBe("Event: closed");
  expect(said(new Error("Failed query: select secret"))).toBe("a query failed");
  expect(reported("gone")).toBe("gone");
});

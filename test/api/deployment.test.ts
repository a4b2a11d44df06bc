import { describe, expect, test, afterAll, beforeAll, afterEach, beforeEach, vi } from "vitest";
import { sql } from "drizzle-orm";
import { clientAddress } from "../../api/node/serve.ts";
import { LIMITS, coalesced } from "../../api/deployment.ts";
import { readSettings } from "../../api/server-settings.ts";
import { addressBlock } from "../../api/accept/paid-write.ts";
import { databaseStamp } from "../../db/board/database-stamp.ts";
import { reported } from "../../api/reported.ts";
import type { MigratedDatabase } from "../../db/stores/open-pglite.ts";
import { openTestDatabase } from "../world/databases.ts";

test("without a proxy nobody chooses the address that their quota is counted by", () => {
  expect(clientAddress("192.0.2.1", "198.51.100.7", false)).toBe("192.0.2.1");
});

test("behind a proxy the address that it appended counts, not what the client wrote before", () => {
  expect(clientAddress("127.0.0.1", "203.0.113.9, 198.51.100.7", true)).toBe("198.51.100.7");
  expect(clientAddress("127.0.0.1", undefined, true)).toBe("127.0.0.1");
});

test("limits are lifted by a setting alone, and those of a body never", () => {
  expect(readSettings({}).limits).toEqual(LIMITS);
  expect(readSettings({ RADEMARK_LIMITS: "on" }).limits).toEqual(LIMITS);
  const lifted = readSettings({ RADEMARK_LIMITS: "off" }).limits;
  const { address, key, exports, openChallenges, ...body } = lifted;
  const numbers = [address.requests, key.requests, exports.requests, openChallenges];
  expect(numbers).toEqual([Infinity, Infinity, Infinity, Infinity]);
  const { wireBytes, expandedBytes } = LIMITS;
  expect(body).toEqual({ wireBytes, expandedBytes });
  expect(() => readSettings({ RADEMARK_LIMITS: "none" })).toThrow("RADEMARK_LIMITS: on or off");
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"],
  ["2001:DB8:0:1::9", "2001:db8:0:1::/64"],
  ["2001:db8::9", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["192.0.2.1:50123", "192.0.2.1"],
  ["[2001:db8:0:1::9]:50123", "2001:db8:0:1::/64"],
  ["[2001:db8:0:1::9]", "2001:db8:0:1::/64"],
  ["[::ffff:192.0.2.1]:1", "192.0.2.1"],
  ["[fe80::1%eth0]:1", "fe80:0:0:0::/64"],
  ["unknown:99", "unknown"],
  ["unknown", "unknown"],
  ["::1", "0:0:0:0::/64"],
  ["1::", "1:0:0:0::/64"],
])("%s counts as %s", (address, block) => {
  expect(addressBlock(address)).toBe(block);
});

describe("a failure is reported", () => {
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
});

describe("work that is asked for again and again", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const PACE = { wait: 200, apart: 1000 };

  function counted() {
    const times: number[] = [];
    const begun = performance.now();
    const work = () => Promise.resolve(void times.push(performance.now() - begun));
    return { times, boards: coalesced(work, PACE, (error) => expect.unreachable(String(error))) };
  }

  test("what is asked for after a pause is done soon, once for all who asked", async () => {
    const { times, boards } = counted();
    for (let i = 0; i < 5; i++) boards.ask();
    await vi.advanceTimersByTimeAsync(199);
    expect(times).toEqual([]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(times).toEqual([200]);
    boards.ask();
    await vi.advanceTimersByTimeAsync(5000);
    expect(times).toEqual([200, 5399]);
  });

  test("those who ask all the time are served a second apart, the last one, too", async () => {
    const { times, boards } = counted();
    for (let i = 0; i < 250; i++) {
      boards.ask();
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(times).toEqual([200, 1200, 2200, 3200]);
  });

  test("what takes long is done seldom: a twentieth of the time is spent on it", async () => {
    const times: number[] = [];
    const begun = performance.now();
    const work = async () => {
      times.push(performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 500));
    };
    const documents = coalesced(work, { wait: 0, apart: 1000, share: 0.05 }, () =>
      expect.unreachable(),
    );
    for (let i = 0; i < 2500; i++) {
      documents.ask();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(times).toEqual([0, 1000, 11_000, 21_000]); // it is known to take long once it was done
  });

  function failing(times: number) {
    const begun = performance.now();
    const tries: number[] = [];
    const failures: unknown[] = [];
    const work = () => {
      tries.push(performance.now() - begun);
      return tries.length <= times ? Promise.reject(new Error("away")) : Promise.resolve();
    };
    const boards = coalesced(work, PACE, (error) => failures.push(error));
    return { boards, tries, failures };
  }

  test("what failed is reported and tried again by itself, ever more rarely, until it is done", async () => {
    const { boards, tries, failures } = failing(4);
    boards.ask();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tries).toEqual([200, 1200, 3200, 7200, 15_200]);
    expect(failures).toEqual(Array<Error>(4).fill(new Error("away")));
    boards.ask();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tries).toHaveLength(6);
  });

  test("it waits a minute at most, and less when somebody asks", async () => {
    const { boards, tries } = failing(Infinity);
    boards.ask();
    await vi.advanceTimersByTimeAsync(600_000);
    const [before, last] = tries.slice(-2) as [number, number];
    expect(last - before).toBe(60_000);
    boards.ask();
    await vi.advanceTimersByTimeAsync(200);
    expect(tries.at(-1)).toBe(600_200);
  });

  test("finish tries what failed once more, and then nothing is left that could wake up", async () => {
    const { boards, tries, failures } = failing(Infinity);
    boards.ask();
    await vi.advanceTimersByTimeAsync(250);
    await boards.finish();
    expect([tries, failures.length, vi.getTimerCount()]).toEqual([[200, 250], 2, 0]);
  });

  test("finish does at once what waits", async () => {
    const { times, boards } = counted();
    boards.ask();
    await boards.finish();
    expect(times).toEqual([0]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(times).toEqual([0]);
  });
});

import { asc } from "drizzle-orm";
import { describe, afterAll, beforeAll, expect, test, vi } from "vitest";
import { standingsOf, type Replacing, successorsIn } from "../../../db/project/standings.ts";
import { boards, entries } from "../../../db/schema.ts";
import type { Standing } from "../../../record/board/standing.ts";
import { type Laboratory, openReadingRoom, standingOf } from "../../world/laboratory.ts";
import { listed, moderate, reproduced, retract } from "../../world/visitor.ts";

describe("standings", () => {
  let room: Laboratory;
  let ids: string[];
  beforeAll(async () => {
    room = await openReadingRoom();
    ids = [await listed(room), await listed(room), await listed(room, { regs: "wd=0.005" })];
    await reproduced(room, ids[0]!);
    await retract(room, ids[1]!, "a wrong flag");
    await moderate(room, "note", ids[2]!, "an odd one");
    await room.refresh();
  });
  afterAll(() => room.close());

  const MICRO = async () => (await room.db.select().from(entries))[0]!.protocol;
  const ONE = [{ arch: "mlp-512", regs: "wd=0.005" }];
  const BOTH = [...ONE, { arch: "mlp-512", regs: "none" }];

  test("entries of several configurations are told of together as each is alone", async () => {
    const together = await standingsOf(room.db, await MICRO(), BOTH);
    expect([...together.keys()].sort()).toEqual([...ids].sort());
    for (const id of ids) expect(together.get(id)!.standing).toEqual(await standingOf(room.db, id));
    expect(together.get(ids[2]!)!.operatorNotes).toMatchObject([{ text: "an odd one" }]);
    expect(together.get(ids[1]!)!.standing).toMatchObject({
      state: "retracted",
      challenges: {
        byKey: { issued: 2, completed: 2 },
        byAnybody: { issued: 3, completed: 3 },
      },
    });
  });

  test("the number of questions does not grow with the number of entries", async () => {
    const protocol = await MICRO();
    const select = vi.spyOn(room.db, "select");
    const questions = async (configurations: typeof BOTH) => {
      select.mockClear();
      const told = await standingsOf(room.db, protocol, configurations);
      return [told.size, select.mock.calls.length];
    };
    const [few, asked] = await questions(ONE);
    const [more, askedAgain] = await questions(BOTH);
    select.mockRestore();
    expect([few, more]).toEqual([1, 3]);
    expect(askedAgain).toBe(asked);
  });

  test("a refresh stores every row that changed", async () => {
    const [before] = await room.db.select().from(boards);
    await moderate(room, "quarantine", ids[0]!, "copied");
    await moderate(room, "quarantine", ids[2]!, "copied, too");
    await room.refresh();
    const rows = await room.db.select().from(entries).orderBy(asc(entries.number));
    expect(rows.map(({ state }) => state)).toEqual(["quarantined", "retracted", "quarantined"]);
    const standings = rows.map(({ standing }) => JSON.parse(standing) as Standing);
    expect(standings.map(({ reason }) => reason)).toEqual([
      "copied",
      "a wrong flag",
      "copied, too",
    ]);
    const [after] = await room.db.select().from(boards);
    expect(after!.version).toBeGreaterThan(before!.version);
  });
});

describe("successors", () => {
  /** In the order of the log: what each is, what it replaces, and whether it stands. */
  const successors = (...rows: [id: string, supersedes: string | null, stands?: boolean][]) =>
    Object.fromEntries(
      successorsIn(
        rows.map(([id, supersedes, stands = true]): Replacing => ({ id, supersedes, stands })),
      ),
    );

  test("each entry is replaced by the one that names it", () => {
    expect(successors(["a", null], ["b", "a"], ["c", "b"])).toEqual({ a: "b", b: "c" });
  });

  test("of several that name it the latest replaces an entry", () => {
    expect(successors(["a", null], ["b", "a"], ["c", "a"])).toEqual({ a: "c" });
  });

  test("what does not stand replaces nothing", () => {
    expect(successors(["a", null], ["b", "a", false])).toEqual({});
    expect(successors(["a", null], ["b", "a"], ["c", "a", false])).toEqual({ a: "b" });
  });

  test("what replaced a result that does not stand replaces its predecessors, too", () => {
    expect(successors(["a", null], ["b", "a", false], ["c", "b"])).toEqual({ a: "c", b: "c" });
    expect(successors(["a", null], ["b", "a", false], ["c", "b", false], ["d", "c"])).toEqual({
      a: "d",
      b: "d",
      c: "d",
    });
  });
});

import { describe, afterAll, beforeAll, expect, test } from "vitest";
import { formatCursor } from "../../../db/board/board-page.ts";
import { RANKED, SORTS } from "../../../record/board/board-columns.ts";
import { BoardPage, type BoardRow, type Note } from "../../../record/board/board-row.ts";
import { rankIntervals } from "../../../record/statistics/rank-intervals.ts";
import { alice, bob } from "../../world/statements.ts";
import {
  problemOf,
  listed,
  moderate,
  nameKey,
  reproduced,
  retract,
  entry,
} from "../../world/visitor.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";
import type { Run } from "../../../record/run.ts";
import type { Result } from "../../../record/statement/statements.ts";
import { SentencesDocument } from "../../../record/answers/documents.ts";

describe("a board", () => {
  let room: Laboratory;
  const ids: string[] = [];
  beforeAll(async () => {
    room = await openReadingRoom();
    for (const regs of ["none", "none", "wd=0.005", "wd=0.005,dropout=0.5", "dropout=0.1"])
      ids.push(await listed(room, { regs }));
    ids.push(await listed(room, { arch: "cnn-16", challenged: false }));
    ids.push(await listed(room, { supersedes: ids[0]! }));
    await retract(room, ids[1]!, "a wrong seed");
    await moderate(room, "quarantine", ids[2]!, "invented numbers");
    await moderate(room, "note", ids[3]!, "a curious one");
    await reproduced(room, ids[6]!);
    await nameKey(room, "Alice");
    await room.refresh();
  });
  afterAll(() => room.close());

  const page = (query = "") => room.read(`/v1/boards/micro-1${query}`, BoardPage);

  function valueOf(row: BoardRow, sort: (typeof SORTS)[number]): number | null {
    if (sort === "params") return row.params;
    if (sort === "receivedAt") return Date.parse(row.receivedAt);
    return row.numbers[sort]?.mean ?? null;
  }

  test("a board shows what is not hidden, and how much is", async () => {
    const board = await page();
    expect(new Set(board.rows.map(({ entry }) => entry))).toEqual(new Set(ids.slice(3)));
    expect([board.total, board.hidden]).toEqual([
      4,
      { superseded: 1, retracted: 1, quarantined: 1 },
    ]);
    expect(board.logSize).toBe(await room.logSize());
    expect(board.next).toBeNull();
  });

  test("hidden states are shown when they are named", async () => {
    const { rows, total } = await page("?state=retracted,quarantined,superseded");
    expect(total).toBe(3);
    const states = rows.map(({ entry, standing }) => [ids.indexOf(entry), standing.state] as const);
    expect(new Map(states)).toEqual(
      new Map([
        [0, "superseded"],
        [1, "retracted"],
        [2, "quarantined"],
      ] as const),
    );
    expect(rows.every(({ rank }) => rank === null)).toBe(true);
    const reasons = rows.map(({ standing }) => standing.reason).sort();
    expect(reasons).toEqual(["a wrong seed", "invented numbers", null]);
  });

  test.each(SORTS)(
    "sorted by %s, pages of one row follow each other in both orders",
    async (sort) => {
      for (const order of ["ascending", "descending"] as const) {
        const whole = await page(`?sort=${sort}&order=${order}`);
        const values = whole.rows.map((row) => valueOf(row, sort)!);
        expect(values).toEqual(values.toSorted((a, b) => (order === "ascending" ? a - b : b - a)));
        const found: BoardRow[] = [];
        let after = "";
        do {
          const part = await page(`?sort=${sort}&order=${order}&limit=1${after}`);
          expect([part.rows.length, part.total]).toEqual([1, 4]);
          found.push(...part.rows);
          after = part.next === null ? "" : `&after=${part.next}`;
        } while (after !== "" && found.length < 10);
        expect(found).toEqual(whole.rows);
      }
    },
  );

  test.each(RANKED)("ranks in %s are Welch's over the rows shown", async (column) => {
    const { rows } = await page(`?sort=${column}`);
    const order = column.endsWith("Accuracy") ? "descending" : "ascending";
    const { db } = room;
    const stored = await db.query.entries.findMany();
    const samples = rows.map(({ entry }) => {
      const own = stored.find(({ id }) => id === entry)!;
      return { mean: own[`${column}Mean`]!, variance: own[`${column}Variance`]!, count: own.runs };
    });
    const shown = rows.map(({ rank }) => rank && { low: rank.low, high: rank.high });
    expect(shown).toEqual(rankIntervals(samples, order));
  });

  test("filters narrow rows and total alike", async () => {
    const find = async (query: string) => {
      const { rows, total } = await page(query);
      expect(rows).toHaveLength(total);
      return rows.map(({ entry }) => ids.indexOf(entry)).sort();
    };
    expect(await find("?arch=cnn-16")).toEqual([5]);
    expect(await find("?arch=cnn-16,mlp-512")).toEqual([3, 4, 5, 6]);
    expect(await find("?regs=wd=0.005,dropout=0.5;dropout=0.1")).toEqual([3, 4]);
    expect(await find(`?key=${alice.key}`)).toEqual([3, 4, 5, 6]);
    expect(await find(`?key=${bob.key}`)).toEqual([]);
    expect(await find("?device=cuda")).toEqual([]);
    expect(await find("?device=cpu&state=challenged")).toEqual([3, 4]);
    expect(await find("?state=self-reported")).toEqual([5]);
    expect(await find("?regs=none&state=superseded")).toEqual([0]);
  });

  test("rows bear their signer's name and the operator's notes", async () => {
    const { rows } = await page("?regs=wd=0.005,dropout=0.5");
    expect(rows[0]!.signer).toEqual({ key: alice.key, name: "Alice" });
    expect(rows[0]!.notes).toContainEqual({ kind: "operator", text: "a curious one", entry: null });
  });

  test("a protocol's id serves as well as its alias, and each board is its own", async () => {
    const { protocol } = await page();
    const byId = await room.read(`/v1/boards/${protocol.id}`, BoardPage);
    expect(byId).toEqual(await page());
    expect((await room.read("/v1/boards/cifar10-1", BoardPage)).rows).toEqual([]);
    const answer = await room.get("/v1/boards/mnist-1");
    expect((await problemOf(answer)).name).toBe("not-found");
  });

  test.each([
    ["?sort=beauty", "/sort"],
    ["?limit=0", "/limit"],
    ["?limit=201", "/limit"],
    ["?limit=1e999", "/limit"],
    ["?order=up", "/order"],
    ["?state=famous", "/state"],
    ["?after=AAAA", "/after"],
    ["?arch=%00", "/arch"],
    ["?regs=%F0%9F%98%80", "/regs"],
    ["?key=abc", "/key"],
    ["?color=red", "/color"],
    ["?sort=gap&sort=bits", "/sort"],
    ["?__proto__=1", "/__proto__"],
  ])("the query %s is refused with a pointer to %s", async (query, pointer) => {
    const problem = await problemOf(await room.get(`/v1/boards/micro-1${query}`));
    expect([problem.name, problem.status]).toEqual(["invalid-query", 400]);
    expect(problem.errors.map((error) => error.pointer)).toEqual([pointer]);
  });

  test("a cursor of another order is refused", async () => {
    const { next } = await page("?limit=1");
    const answer = await room.get(`/v1/boards/micro-1?sort=gap&limit=1&after=${next}`);
    expect((await problemOf(answer)).errors[0]!.pointer).toBe("/after");
  });

  test.each([
    ["params", 1.5],
    ["params", 2 ** 53],
    ["params", null],
    ["receivedAt", -99_999_999_999_999],
    ["receivedAt", null],
  ] as const)("a cursor that no row of %s can have left (%s) is refused", async (sort, value) => {
    const order = { sort, order: "ascending" } as const;
    const after = formatCursor(order, { value, id: ids[0]! });
    const answer = await room.get(`/v1/boards/micro-1?sort=${sort}&after=${after}`);
    expect((await problemOf(answer)).name).toBe("invalid-query");
  });
});

describe("the notes of a row", () => {
  let room: Laboratory;
  let first: string;
  beforeAll(async () => {
    room = await openReadingRoom({ address: null });
    first = (await entry(room)).receipt.id;
  });
  afterAll(() => room.close());

  /** Of a row, read from its board. */
  async function notesOf(id: string): Promise<Note[]> {
    await room.refresh();
    const { rows } = await room.read("/v1/boards/micro-1?limit=200", BoardPage);
    return rows.find((row) => row.entry === id)!.notes;
  }
  const accepted = async (change: (result: Result) => Result) =>
    (await entry(room, change)).receipt.id;

  const correct = (runs: Run[], counts: number[]) =>
    runs.map((run, i) => ({ ...run, final: { ...run.final!, testCorrect: counts[i]! } }));

  test("a row whose panel and fresh runs differ by a test at .01 says by how much", async () => {
    const id = await accepted((result) => ({
      ...result,
      panel: correct(result.panel, [5000, 5010, 4990, 5005, 4995]),
      fresh: correct(result.fresh, [4500, 4520, 4490]),
    }));
    const notes = await notesOf(id);
    const [note] = notes.filter(({ kind }) => kind === "panel-minus-fresh");
    expect(note!.text).toMatch(
      /^Panel minus fresh: the test accuracy differs by 4\.97 points \(99\.7 % interval /,
    );
    expect((await notesOf(first)).map(({ kind }) => kind)).not.toContain("panel-minus-fresh");
  });

  test("a row of the same counts names the entry that it is bit-identical to", async () => {
    const id = await accepted((result) => result);
    expect(await notesOf(id)).toContainEqual({
      kind: "bit-identical",
      text: `Bit-identical to entry ${first}: the panel's runs have the same counts.`,
      entry: first,
    });
    expect((await notesOf(first)).map(({ kind }) => kind)).not.toContain("bit-identical");
  });

  test("a row notes times that its own rate contradicts, and those no declared hardware reaches", async () => {
    const timed = (timing: Partial<Run["timing"]>) =>
      accepted((result) => {
        const [run, ...rest] = result.panel;
        return { ...result, panel: [{ ...run!, timing: { ...run!.timing, ...timing } }, ...rest] };
      });
    const text = async (id: string) =>
      (await notesOf(id)).find(({ kind }) => kind === "wall-time")?.text;
    expect(await text(await timed({ imagesPerSecond: 1 }))).toContain(
      "panel run 1 saw 75000 images",
    );
    const rate = { trainSeconds: 0.5, imagesPerSecond: 150_000 };
    expect(await text(await timed(rate))).toContain("what the declared hardware needs 0.72 s for");
  });

  test("a row notes seconds and losses whose fractions repeat", async () => {
    const notes = await notesOf(first); // made-up runs, of whole seconds
    const texts = notes.flatMap(({ kind, text }) => (kind === "repeated-fractions" ? [text] : []));
    expect(texts).toHaveLength(2);
    for (const text of texts) expect(text).toMatch(/share six decimal places between runs/);
  });

  test("a row notes a near duplicate, which has a ledger of challenges of its own", async () => {
    const earlier = await listed(room, { regs: "wd=0.005" });
    const id = await listed(room, { regs: "wd=0.0050001" });
    expect(await notesOf(id)).toContainEqual({
      kind: "near-duplicate",
      text: "Next to nothing differs from mlp-512 wd=0.005, an entry of the same holder.",
      entry: earlier,
    });
  });

  test("a row notes a harness that ran from changed files", async () => {
    const git = { commit: "c".repeat(40), dirty: true };
    const id = await accepted((result) => ({ ...result, harness: { ...result.harness, git } }));
    expect((await notesOf(id)).map(({ kind }) => kind)).toContain("dirty-checkout");
  });
});

describe("sentences of the API", () => {
  let room: Laboratory;
  let none: string;
  let regularized: string;
  let longer: string;
  beforeAll(async () => {
    room = await openReadingRoom();
    none = await listed(room);
    regularized = await listed(room, { regs: "wd=0.005" });
    await listed(room, { regs: "aug", challenged: false });
    longer = await listed(room, { regs: "aug" });
    await retract(room, await listed(room, { regs: "ls=0.1" }), "A wrong folder.");
    await listed(room, { arch: "cnn-16", regs: "wd=0.005" });
    await room.refresh();
  }, 60_000);
  afterAll(() => room.close());

  const read = () => room.read("/v1/boards/micro-1/sentences", SentencesDocument);

  test("a sentence stands for each regularized configuration with none of its architecture beside it", async () => {
    const { configurations, sentences } = await read();
    expect(configurations).toBe(2);
    const names = sentences.map(({ arch, regs }) => `${arch} ${regs}`);
    expect(names.toSorted()).toEqual(["mlp-512 aug", "mlp-512 wd=0.005"]);
    const decay = sentences.find(({ regs }) => regs === "wd=0.005")!;
    expect(decay).toMatchObject({ entry: regularized, none });
    expect(decay.text).toMatch(/^wd=0.005 on mlp-512/);
  });

  test("of two entries of a configuration the one with more runs speaks", async () => {
    const { sentences } = await read();
    expect(sentences.find(({ regs }) => regs === "aug")?.entry).toBe(longer);
  });

  test("an empty board says nothing", async () => {
    const empty = await room.read("/v1/boards/cifar10-1/sentences", SentencesDocument);
    expect(empty).toMatchObject({ configurations: 0, sentences: [] });
  });
});

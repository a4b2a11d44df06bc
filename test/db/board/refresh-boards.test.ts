import { asc, eq, sql } from "drizzle-orm";
import { describe, afterAll, beforeAll, expect, test } from "vitest";
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
import { boardMeasures, boardSentences } from "../../../db/read/board-documents.ts";
import { rowsOf } from "../../../db/db.ts";
import { boardChanges, entries, boardRanks } from "../../../db/schema.ts";
import { appendLeaf, lockLog } from "../../../db/append-leaf.ts";
import { bodyBytes } from "../../../db/project/leaf-body.ts";
import { reindex } from "../../../db/dump/reindex.ts";
import { readRank } from "../../../record/board/board-ranks.ts";
import type { Run } from "../../../record/run.ts";
import { decodeBase64 } from "../../../record/signature/base64.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { type Result, statementId } from "../../../record/statement/statements.ts";
import { alice, bob } from "../../world/statements.ts";

describe("boards", () => {
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
        ...{ sort, order: "ascending", custom: "shown", cursor: null, limit: 50 },
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
      const query = `/v1/boards/micro-1?sort=learnedComplexity&order=${order}&limit=1`;
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
    const { rows } = await room.read("/v1/boards/micro-1?sort=learnedComplexity", BoardPage);
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
      ).map(({ ranks }) =>
        [...ranks.slice(12 * number, 12 * number + 12)].some((byte) => byte > 0),
      );
    expect(await ranksOf()).toEqual(RANKED.map(() => true));
    await retract(room, ids[2]!, "wrong");
    await room.refresh();
    expect(await ranksOf()).toEqual(RANKED.map(() => false));
  });

  test("ranks are shown with their board alone; what a killed refresh left goes with the next one", async () => {
    const { db } = room;
    const protocol = protocolId(micro);
    const before = await computed("learnedComplexity", ["challenged"]);
    const killed = await rankEdition(
      new Map([["learnedComplexity", new Uint8Array(12 * 40).fill(1)]]),
    );
    await storeEdition(db, protocol, killed);
    expect(await computed("learnedComplexity", ["challenged"])).toEqual(before);
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
});

describe("many copies of one panel", () => {
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
    const pageOf = (query: string) => room.read(`/v1/boards/micro-1?${query}`, BoardPage);
    const [copies, other] = [await pageOf("limit=200"), await pageOf("regs=wd%3D0.005")];
    const ranks = [...copies.rows, ...other.rows].map(({ rank }) => rank!.high);
    expect(Math.max(...ranks)).toBe(2); // which of the two is first, the fresh seeds decide
  });
});

describe("one entry of a configuration", () => {
  const protocol = { id: protocolId(micro), document: micro };
  const REGS = ["none", "wd=0.005", "wd=0.01", "dropout=0.1", "dropout=0.5", "aug", "ls=0.1"];

  let room: Laboratory;
  let originals: Result[];
  let ids: string[];
  beforeAll(async () => {
    room = await openReadingRoom();
    originals = REGS.map((regs, i) => configured(syntheticResult(i + 1, null), regs));
    ids = await list(originals);
    await room.refresh();
  });
  afterAll(() => room.close());

  function configured(result: Result, regs: string): Result {
    const own = (run: Run): Run => ({ ...run, regs });
    return { ...result, regs, panel: result.panel.map(own), fresh: result.fresh.map(own) };
  }

  /** As the server does with what it accepts, without a request each. @returns their ids. */
  async function list(results: readonly Result[], holder = alice): Promise<string[]> {
    const sealed = await Promise.all(
      results.map((result) =>
        sealEnvelope("result", { ...result, key: holder.key }, [holder.seed]),
      ),
    );
    return room.db.transaction(async (tx) => {
      await lockLog(tx);
      const digests: string[] = [];
      for (const envelope of sealed) {
        const digest = statementId(decodeBase64(envelope.payload)!);
        const leaf = { kind: "result", digest, body: bodyBytes(envelope) } as const;
        const at = room.deployment.now();
        await indexLeaf(tx, await appendLeaf(tx, room.deployment.keeper, { ...leaf, at }));
        digests.push(digest);
      }
      return digests;
    });
  }

  /** Of the same panel, with other timings. */
  const copied = (result: Result, i: number): Result => ({
    ...result,
    panel: result.panel.map((run) => ({
      ...run,
      timing: { ...run.timing, trainSeconds: 100 + i },
    })),
  });
  const withRun = (result: Result, at: number, change: (run: Run) => Run): Result => ({
    ...result,
    panel: result.panel.with(at, change(result.panel[at]!)),
  });
  const nudged = (result: Result): Result =>
    withRun(result, 0, (run) => ({
      ...run,
      final: { ...run.final!, testCorrect: run.final!.testCorrect + 1 },
    }));

  /** All that is said over the board's entries, and what is said of those that stood there first. */
  async function statistics() {
    const { entries, ...measures } = await boardMeasures(room.db, protocol);
    return {
      entries,
      said: {
        measures,
        sentences: await boardSentences(room.db, protocol),
        ranks: await ranksOf(ids.map((_, number) => number)),
      },
    };
  }

  async function ranksOf(numbers: readonly number[]) {
    const stored = await room.db
      .select()
      .from(boardRanks)
      .where(eq(boardRanks.protocol, protocol.id));
    return RANKED.map((name) => {
      const { ranks } = stored.find(({ column }) => column === name)!;
      return numbers.map((number) => readRank(ranks.subarray(12 * number, 12 * number + 12)));
    });
  }

  const rows = async (limit: number) =>
    (await room.read(`/v1/boards/micro-1?limit=${limit}`, BoardPage)).rows;

  test("copies, whole or in part, exact or nudged, and whoever lists them move no statistic", async () => {
    const before = await statistics();
    expect(before.said.measures.measures[1]!.tau).not.toBeNull();
    const [one, two] = [originals[0]!, originals[3]!];
    const copies = Array.from({ length: 50 }, (_, i) => copied(i % 2 === 0 ? one : two, i));
    const other = syntheticResult(99, null).panel[4]!;
    const fourOfFive = withRun(two, 4, (run) => ({ ...other, seed: run.seed, regs: run.regs }));
    const later = await list([...copies, fourOfFive, nudged(two), nudged(copied(one, 99))], bob);
    await room.refresh();
    const after = await statistics();
    expect(after.said).toEqual(before.said);
    expect(after.entries).toBe(before.entries + later.length);
    expect(after.said.measures.configurations).toBe(REGS.length);
  });

  test("every entry is shown, and shares the rank of its configuration where another one stands for it", async () => {
    const shown = await rows(190);
    expect(shown.length).toBeGreaterThan(50);
    const first = new Map(shown.filter(({ counted }) => counted).map((row) => [row.regs, row]));
    expect([...first.values()].map(({ entry }) => entry).sort()).toEqual([...ids].sort());
    for (const row of shown.filter(({ counted }) => !counted)) {
      expect(row.representedBy).toBe(first.get(row.regs)!.entry);
      expect(row.rank).toEqual(first.get(row.regs)!.rank);
      expect(row.rank).not.toBeNull();
    }
  });

  test("who replaces an entry of his own keeps its place before the copies of it", async () => {
    const [again] = await list([{ ...copied(originals[0]!, 7), supersedes: ids[0]! }]);
    await room.refresh();
    const { said } = await statistics();
    expect(said.sentences.sentences.map(({ none }) => none)).toEqual(
      REGS.slice(1).map(() => again!),
    );
  });

  test("the first to complete a challenge stands for a configuration; once it is taken back, what stood before does", async () => {
    const issued = await challenge(room, { regs: "aug" });
    const [challenged] = await list([configured(syntheticResult(200, issued), "aug")]);
    const late = await challenge(room, { regs: "aug" }, bob);
    await list([configured(syntheticResult(201, late), "aug")], bob);
    await room.refresh();
    const spoken = async () =>
      (await boardSentences(room.db, protocol)).sentences.find(({ regs }) => regs === "aug")!.entry;
    expect(await spoken()).toBe(challenged);
    await retract(room, challenged!, "a wrong folder");
    await room.refresh();
    const now = (await rows(180)).filter(({ regs }) => regs === "aug");
    const [stands, ...others] = now.toSorted((a, b) => Number(b.counted) - Number(a.counted));
    expect(stands).toMatchObject({ counted: true, fresh: 3 });
    expect(others.map(({ counted, representedBy }) => [counted, representedBy])).toEqual(
      others.map(() => [false, stands!.entry]),
    );
  });

  test("an index rebuilt at once says what one that grew says", async () => {
    const before = [await statistics(), await rows(170)];
    await reindex(room.db);
    expect([await statistics(), await rows(171)]).toEqual(before);
  });
});

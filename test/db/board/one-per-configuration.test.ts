import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendLeaf, lockLog } from "../../../db/append-leaf.ts";
import { boardMeasures, boardSentences } from "../../../db/read/board-documents.ts";
import { indexLeaf } from "../../../db/project/index-leaf.ts";
import { bodyBytes } from "../../../db/project/leaf-body.ts";
import { reindex } from "../../../db/dump/reindex.ts";
import { boardRanks } from "../../../db/schema.ts";
import { RANKED } from "../../../record/board/board-columns.ts";
import { readRank } from "../../../record/board/board-ranks.ts";
import { BoardPage } from "../../../record/board/board-row.ts";
import { protocolId } from "../../../record/protocols.ts";
import type { Run } from "../../../record/run.ts";
import { decodeBase64 } from "../../../record/signature/base64.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { type Result, statementId } from "../../../record/statement/statements.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";
import { retract, challenge } from "../../world/visitor.ts";
import { syntheticResult } from "../../../bench/load/synthetic.ts";
import { alice, bob } from "../../world/statements.ts";
import { micro } from "../../world/runs.ts";

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
    results.map((result) => sealEnvelope("result", { ...result, key: holder.key }, [holder.seed])),
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
  expect(said.sentences.sentences.map(({ none }) => none)).toEqual(REGS.slice(1).map(() => again!));
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

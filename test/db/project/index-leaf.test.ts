import { asc, getTableName, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expireChallenges } from "../../../api/accept/expire-challenges.ts";
import { indexLeaf } from "../../../db/project/index-leaf.ts";
import { standingOf, type Laboratory, openPeopledLaboratory } from "../../world/laboratory.ts";
import * as schema from "../../../db/schema.ts";
import { RANKED } from "../../../record/board/board-columns.ts";
import { BoardRow } from "../../../record/board/board-row.ts";
import { Standing } from "../../../record/board/standing.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { aResult, alice, bob } from "../../world/statements.ts";
import { challenge, entry } from "../../world/visitor.ts";

const TABLES = [
  schema.keys,
  schema.challenges,
  schema.entries,
  schema.reproductions,
  schema.retractions,
  schema.moderations,
  schema.runCounts,
  schema.boardChanges,
];

let laboratory: Laboratory;
beforeAll(async () => {
  laboratory = await openPeopledLaboratory({ operators: new Set([bob.key]) });
  await fill(laboratory);
});
afterAll(() => laboratory.close());

/** Leaves of every kind. */
async function fill(lab: Laboratory): Promise<void> {
  const at = lab.deployment.now().toISOString();
  const { result, receipt } = await entry(lab);
  const issued = await challenge(lab, { reproduces: receipt.id }, bob);
  const { supersedes: _, ...measured } = aResult(issued);
  const reproduction = { ...measured, entry: receipt.id, verdict: "agree" } as const;
  await lab.submit("/v1/reproductions", "reproduction", reproduction, bob);
  await entry(lab, (next) => ({ ...next, supersedes: receipt.id }));
  const { receipt: wrong } = await entry(lab);
  await lab.submit("/v1/results", "result", nudged(result));
  const retraction = { key: alice.key, statement: wrong.id, reason: "wrong" };
  await lab.submit("/v1/retractions", "retraction", retraction);
  const note = { key: bob.key, action: "note", subject: receipt.id, reason: "odd", at } as const;
  await lab.submit("/v1/moderations", "moderation", note, bob);
  await challenge(lab);
  const givenUp = await challenge(lab);
  const failed = { key: alice.key, statement: givenUp.id, reason: "no time" };
  await lab.submit("/v1/retractions", "retraction", failed);
  lab.wait(8 * 86_400);
  await expireChallenges(lab.deployment);
  const revoke = { action: "revoke", key: bob.key, from: at, reason: "lost", at } as const;
  const envelope = await sealEnvelope("key", revoke, [bob.seed]);
  expect((await lab.send("/v1/keys", { envelope, name: null })).status).toBe(201);
}

/** Without a challenge, of nearly the same configuration, with counts of its own. */
function nudged(result: ReturnType<typeof aResult>): typeof result {
  const regs = "wd=0.005";
  const panel = result.panel.map((run) => {
    const epochs = run.epochs.with(9, { ...run.epochs[9]!, correct: 17 });
    return { ...run, regs, epochs };
  });
  return { ...result, regs, challenge: null, fresh: [], panel };
}

async function rows() {
  const { db } = laboratory;
  const all = TABLES.map(async (table) => {
    const found = await db
      .select()
      .from(table)
      .orderBy(asc(sql`1`), asc(sql`2`));
    const withoutSerial = found.map(({ ...row }) =>
      "id" in row && typeof row.id === "number" ? { ...row, id: 0 } : row,
    );
    return [getTableName(table), withoutSerial] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

test("the same leaves give the same rows again", async () => {
  const { db } = laboratory;
  const before = await rows();
  for (const [table, found] of Object.entries(before))
    expect([table, found.length > 0]).toEqual([table, true]);
  const leaves = await db.select().from(schema.leaves).orderBy(asc(schema.leaves.index));
  const kinds = new Set(leaves.map(({ kind }) => kind));
  expect(kinds.size).toBe(7);
  await db.transaction(async (tx) => {
    await tx.execute(sql`reset role`);
    for (const table of TABLES) await tx.delete(table);
    for (const leaf of leaves) await indexLeaf(tx, leaf);
  });
  expect(await rows()).toEqual(before);
});

test("an entry's first standing is what the tables say of it", async () => {
  const { db } = laboratory;
  const { receipt } = await entry(laboratory);
  const stored = async () =>
    (await db.select().from(schema.entries)).find(({ id }) => id === receipt.id)!.standing;
  const { challenges, challengers, ...standing } = JSON.parse(await stored()) as Standing;
  const { challenges: later, challengers: byHolder, ...now } = await standingOf(db, receipt.id);
  expect(standing).toEqual(now);
  // the outcome of its own challenge is logged right behind it
  const [own] = challengers!.shown;
  const shown = challengers!.shown.with(0, { ...own!, completed: own!.completed + 1 });
  expect(byHolder).toEqual({ ...challengers, shown });
  expect(later.byKey).toEqual({
    issued: challenges.byKey.issued,
    completed: challenges.byKey.completed + 1,
  });
});

test("an entry's columns are those of its row", async () => {
  const entries = await laboratory.db
    .select()
    .from(schema.entries)
    .orderBy(asc(schema.entries.number));
  expect(entries.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4]);
  for (const stored of entries) {
    const fixed = BoardRow.omit({ signer: true, standing: true, rank: true }).parse(
      JSON.parse(stored.fixed),
    );
    for (const name of RANKED) expect(stored[`${name}Mean`]).toBe(fixed.numbers[name]!.mean);
    expect(stored.seconds).toBe(fixed.numbers.seconds!.mean);
    expect([stored.arch, stored.runs]).toEqual([fixed.arch, fixed.panel + fixed.fresh]);
    const standing = Standing.parse(JSON.parse(stored.standing));
    expect(stored.state).toBe(standing.state);
  }
});

test("a configuration searched on a fine grid is noted beside the one it is near to", async () => {
  const { db } = laboratory;
  const [near] = (await db.select().from(schema.entries)).filter(({ regs }) => regs === "wd=0.005");
  const result = nudged(aResult());
  const finer = result.panel.map((run) => {
    const epochs = run.epochs.with(9, { ...run.epochs[9]!, correct: 18 });
    return { ...run, regs: "wd=0.0050001", epochs };
  });
  const answer = await laboratory.submit("/v1/results", "result", {
    ...result,
    regs: "wd=0.0050001",
    panel: finer,
  });
  expect(answer.status).toBe(201);
  const [last] = (await db.select().from(schema.entries)).filter(({ number }) => number === 5);
  expect(JSON.parse(last!.standing)).toEqual(await standingOf(db, last!.id)); // as told from the tables
  const { notes } = JSON.parse(last!.fixed) as BoardRow;
  expect(notes).toContainEqual(
    expect.objectContaining({ kind: "near-duplicate", entry: near!.id }),
  );
});

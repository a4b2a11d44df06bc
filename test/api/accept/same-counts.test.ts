import { asc } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../../api/deployment.ts";
import { dumpLines } from "../../../db/dump/dump.ts";
import { reindex } from "../../../db/dump/reindex.ts";
import { restore } from "../../../db/dump/restore.ts";
import type { Db } from "../../../db/db.ts";
import { boardChanges, entries, runCounts } from "../../../db/schema.ts";
import { BoardPage } from "../../../record/board/board-row.ts";
import { EntryDocument, MeasuresDocument } from "../../../record/answers/documents.ts";
import type { Receipt } from "../../../record/log/log-proof.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import type { Result } from "../../../record/statement/statements.ts";
import { openTestDatabase } from "../../world/databases.ts";
import { fraction, syntheticResult } from "../../../bench/load/synthetic.ts";
import { aCustomResult, configured, customized } from "../../world/custom-results.ts";
import { alice, keyHolder } from "../../world/statements.ts";
import { type Laboratory, openReadingRoom, refused } from "../../world/laboratory.ts";
import { moderate, challenge, problemOf } from "../../world/visitor.ts";

const stranger = await keyHolder(60);
let room: Laboratory;
beforeAll(async () => {
  room = await openReadingRoom({
    address: null,
    limits: { ...LIMITS, key: { requests: 1e6, windowSeconds: 1 } },
  });
  await room.register(stranger);
});
afterAll(() => room.close());

let measured = 0;
/** Counts of their own, of five panel seeds and, in the ledger of a challenge, of three fresh ones. */
const measurement = () => (measured += 1);

interface Listing {
  /** Equal numbers have the same panel. */
  counts: number;
  /** `zero`: the regularizer of that name. */
  regs?: string;
  holder?: typeof alice;
  challenged?: boolean;
  /** By how many places the panel's runs are moved to other seeds. */
  rotated?: number;
  /** How many of the panel's runs are those of `counts`. */
  copied?: number;
}

let fresh = 500_000;

/** A regularizer that adds nothing to the loss. */
const ZERO = { regSource: "export default (tf) => tf.scalar(0);\n", name: "zero" };

async function resultOf(listing: Listing): Promise<Result> {
  const { counts, regs = "none", holder = alice, challenged = false } = listing;
  const { rotated = 0, copied = 5 } = listing;
  const isZero = regs === "zero";
  const changes = isZero ? configured(ZERO) : { regs };
  const issued = challenged ? await challenge(room, changes, holder) : null;
  const own =
    isZero && issued ? aCustomResult(ZERO, issued) : syntheticResult((fresh += 1), issued);
  const original = syntheticResult(1000 + counts, null).panel;
  const panel = own.panel.map((run, i) => {
    if (i >= copied) return { ...run, regs };
    return { ...original[(i + rotated) % original.length]!, regs, seed: run.seed };
  });
  const machine = { ...own.machine, memoryBytes: (fresh += 1) }; // no two statements are the same
  const result = { ...own, key: holder.key, regs, machine, panel };
  return isZero ? customized(result, ZERO) : result;
}

const submit = (result: Result, holder: typeof alice) =>
  room.submit("/v1/results", "result", result, holder);

/** 201. @returns its id. */
async function list(listing: Listing): Promise<string> {
  const answer = await submit(await resultOf(listing), listing.holder ?? alice);
  expect([answer.status, await answer.clone().text()]).toEqual([201, expect.anything()]);
  return ((await answer.json()) as Receipt).id;
}

async function retract(statement: string, holder = alice): Promise<void> {
  const retraction = { key: holder.key, statement, reason: "wrong labels" };
  const answer = await room.submit("/v1/retractions", "retraction", retraction, holder);
  expect(answer.status).toBe(201);
}

async function rowOf(id: string) {
  await room.refresh();
  return (await room.read(`/v1/entries/${id}`, EntryDocument)).row;
}

/** State, causes, entry of the same counts, and whether it weighs. */
async function told(id: string) {
  const { state, disputedFor, sameCountsAs, weighs } = (await rowOf(id)).standing;
  return [state, disputedFor.join(), sameCountsAs, weighs];
}

const notes = async (id: string) =>
  (await rowOf(id)).notes.filter(({ kind }) => kind === "same-counts");

const NOTED = (entry: string) => ({
  kind: "same-counts",
  text: `the same counts as ${entry}, listed under another configuration`,
  entry,
});
const plain = (state = "self-reported") => [state, "", null, true];
const copyOf = (entry: string) => ["disputed", "same-counts", entry, false];

describe("panel counts listed under another configuration", () => {
  test("are listed, noted and disputed on the later row alone, from the moment it is there", async () => {
    const counts = measurement();
    const first = await list({ counts, holder: stranger, regs: "wd=0.005" });
    const own = await list({ counts });
    const { row } = await room.read(`/v1/entries/${own}`, EntryDocument); // before any refresh
    expect(row.standing).toMatchObject({ state: "disputed", disputedFor: ["same-counts"] });
    expect(await told(own)).toEqual(copyOf(first));
    expect(await told(first)).toEqual(plain());
    expect(await notes(own)).toEqual([NOTED(first)]);
    expect(await notes(first)).toEqual([]);
    const { rows } = await room.read("/v1/boards/micro-1?limit=200", BoardPage);
    expect(rows.find(({ entry }) => entry === own)!.notes).toContainEqual(NOTED(first));
    const badge = await (await room.get(`/v1/badge/${own}.svg`)).text();
    expect(badge).toContain("disputed: same counts");
    const csv = await (await room.get("/v1/export/micro-1.csv")).text();
    const [head, ...lines] = csv.split("\r\n");
    const cells = lines.find((line) => line.startsWith(own))!.split(",");
    const cell = (name: string) => cells[head!.split(",").indexOf(name)];
    expect(["state", "disputedFor", "sameCountsAs"].map(cell)).toEqual([
      "disputed",
      "same-counts",
      first,
    ]);
  });

  test("bar nobody once they are withdrawn, and the later row is an entry like others", async () => {
    const counts = measurement();
    const first = await list({ counts, holder: stranger, rotated: 1 });
    const own = await list({ counts });
    expect((await notes(own))[0]!.text).toBe(
      `the same counts as ${first}, listed under another configuration or seed`,
    );
    await retract(first, stranger);
    expect(await told(own)).toEqual(plain());
    expect(await notes(own)).toEqual([]);
    const typo = await list({ counts: measurement(), regs: "wd=0.01" });
    await retract(typo);
    expect(await told(await list({ counts: measured }))).toEqual(plain());
  });

  test("dispute the later row again when a quarantine is lifted", async () => {
    const counts = measurement();
    const first = await list({ counts, holder: stranger, regs: "aug" });
    await moderate(room, "quarantine", first, "wrong labels");
    const own = await list({ counts });
    expect(await told(own)).toEqual(plain());
    await moderate(room, "unquarantine", first, "they were not");
    expect(await told(own)).toEqual(copyOf(first));
    await moderate(room, "quarantine", first, "they were");
    expect(await told(own)).toEqual(plain());
  });

  test("bar nobody once they are void", async () => {
    const thief = await keyHolder(61);
    await room.register(thief);
    const counts = measurement();
    const first = await list({ counts, holder: thief, regs: "aug" });
    const own = await list({ counts });
    expect(await told(own)).toEqual(copyOf(first));
    const at = room.deployment.now().toISOString();
    const revoke = { action: "revoke", key: thief.key, from: at, reason: "stolen", at } as const;
    const envelope = await sealEnvelope("key", revoke, [thief.seed]);
    expect((await room.send("/v1/keys", { envelope, name: null })).status).toBe(201);
    expect(await told(own)).toEqual(plain());
  });

  test("change nothing on the earlier row, and nothing for who lists its configuration again", async () => {
    const counts = measurement();
    const own = await list({ counts });
    const copies = [
      await list({ counts, holder: stranger, regs: "wd=0.005" }),
      await list({ counts, holder: stranger, rotated: 2 }),
      await list({ counts, holder: stranger, regs: "wd=0.01", copied: 1 }),
    ];
    const again = await list({ counts });
    expect(await told(own)).toEqual(plain());
    expect(await told(again)).toEqual(plain());
    for (const copy of copies) expect(await told(copy)).toEqual(copyOf(own));
  });

  test("are claimed by whoever completes a challenge for them first, and weigh nothing all the same", async () => {
    const counts = measurement();
    const first = await list({ counts, holder: stranger, regs: "wd=0.005" });
    const own = await list({ counts, challenged: true });
    expect(await told(first)).toEqual(["disputed", "same-counts", own, true]);
    expect(await notes(first)).toEqual([]);
    expect(await told(own)).toEqual(["challenged", "", first, false]);
    expect(await notes(own)).toEqual([NOTED(first)]);
    const late = await list({ counts, holder: stranger, regs: "wd=0.005", challenged: true });
    expect(await told(late)).toEqual(["disputed", "same-counts", own, true]);
    expect(await told(own)).toEqual(["challenged", "", first, false]);
    await retract(own);
    expect(await told(first)).toEqual(plain());
    expect(await told(late)).toEqual(plain("challenged"));
  });

  test("of an entry that completed a challenge are only disputed where they come later", async () => {
    const counts = measurement();
    const own = await list({ counts, challenged: true });
    const copy = await list({ counts, regs: "aug", holder: stranger, challenged: true });
    expect(await told(own)).toEqual(plain("challenged"));
    expect(await told(copy)).toEqual(copyOf(own));
  });

  test("stand in no rank, map or correlation, with a challenge or without one", async () => {
    const counts = measurement();
    const own = await list({ counts, regs: "wd=0.3" });
    const measures = () => room.read("/v1/measures/micro-1", MeasuresDocument);
    await room.refresh();
    const before = await measures();
    const copies = [
      await list({ counts, holder: stranger, regs: "wd=0.31" }),
      await list({ counts, holder: stranger, regs: "wd=0.32", challenged: true }),
      await list({ counts, holder: stranger, regs: "wd=0.33", copied: 1 }),
    ];
    for (const id of copies) expect(await rowOf(id)).toMatchObject({ counted: false, rank: null });
    expect(await rowOf(own)).toMatchObject({
      counted: true,
      rank: { tier: expect.any(Number) as number },
    });
    expect({ ...(await measures()), entries: 0 }).toEqual({ ...before, entries: 0 });
    await retract(own);
    expect(await rowOf(copies[0]!)).toMatchObject({ counted: true });
  });

  test("make a chain, whose next link is the first when the first one goes", async () => {
    const counts = measurement();
    const [a, b, c] = [
      await list({ counts, regs: "wd=0.005" }),
      await list({ counts, regs: "wd=0.01" }),
      await list({ counts, regs: "wd=0.02" }),
    ];
    expect([await told(a), await told(b), await told(c)]).toEqual([plain(), copyOf(a), copyOf(a)]);
    await retract(a);
    expect([await told(b), await told(c)]).toEqual([plain(), copyOf(b)]);
    await retract(b);
    expect(await told(c)).toEqual(plain());
  });
});

describe("custom code with the counts of a built-in configuration", () => {
  const listZero = (counts: number, challenged: boolean) =>
    list({ counts, regs: "zero", holder: stranger, challenged });

  test.each([
    [false, "wd=0.91"],
    [true, "wd=0.92"],
  ])(
    "takes neither weight nor standing from it, listed first (with a challenge: %s)",
    async (challenged, regs) => {
      const counts = measurement();
      const custom = await listZero(counts, challenged);
      expect(await told(custom)).toEqual(plain(challenged ? "challenged" : "self-reported"));
      const own = await list({ counts, regs });
      expect(await told(own)).toEqual(plain());
      expect((await rowOf(own)).counted).toBe(true);
      expect(await notes(own)).toEqual([]);
      expect(await told(custom)).toEqual(copyOf(own));
      await retract(own);
      expect(await told(custom)).toEqual(plain(challenged ? "challenged" : "self-reported"));
    },
  );

  test("nor listed later with a challenge, which turns rows of built-in configurations alone", async () => {
    const counts = measurement();
    const own = await list({ counts });
    const custom = await listZero(counts, true);
    expect(await told(own)).toEqual(plain());
    expect(await told(custom)).toEqual(copyOf(own));
    const late = await list({ counts, regs: "wd=0.005", challenged: true });
    expect(await told(own)).toEqual(["disputed", "same-counts", late, true]);
    expect(await told(custom)).toEqual(copyOf(own));
    expect(await told(late)).toEqual(["challenged", "", own, false]);
  });
});

describe("still refused", () => {
  test("fresh runs with the counts of an earlier leaf, until that does not stand", async () => {
    const counts = measurement();
    const first = await list({ counts, regs: "wd=0.005" });
    const result = await resultOf({ counts: measurement(), challenged: true });
    const [taken] = syntheticResult(1000 + counts, null).panel;
    const copied = { ...taken!, regs: "none", seed: result.fresh[0]!.seed };
    const sent = { ...result, fresh: result.fresh.with(0, copied) };
    const problem = await refused(room, () => submit(sent, alice));
    expect([problem.name, problem.errors[0]!.pointer]).toEqual(["copied-counts", "/fresh/0"]);
    expect(problem.errors[0]!.found).toContain(first);
    expect(problem.detail).toBe(
      "Its runs have counts that another statement lists under another configuration or seed.",
    );
    await retract(first);
    expect((await submit(sent, alice)).status).toBe(201);
  });

  test("two equal runs of one statement, with words of their own", async () => {
    const result = await resultOf({ counts: measurement() });
    const twice = { ...result.panel[0]!, seed: result.panel[1]!.seed };
    const sent = { ...result, panel: result.panel.with(1, twice) };
    const problem = await problemOf(await submit(sent, alice));
    expect([problem.name, problem.detail]).toEqual([
      "copied-counts",
      "Two of its runs have the same counts.",
    ]);
    expect(problem.errors).toMatchObject([{ pointer: "/panel/1", found: "those of /panel/0" }]);
  });

  test("a reproduction's copied runs, not its panel that is its entry's", async () => {
    const counts = measurement();
    await list({ counts, holder: stranger, regs: "wd=0.005" });
    const entry = await list({ counts });
    const issued = await challenge(room, { reproduces: entry }, stranger);
    const { supersedes: _, ...made } = syntheticResult((fresh += 1), issued);
    const panel = syntheticResult(1000 + counts, null).panel.map((run) => ({
      ...run,
      regs: "none",
    }));
    const send = async (runs: Pick<Result, "panel" | "fresh">) => {
      for (const verdict of ["agree", "disagree", "inconclusive"] as const) {
        const statement = { ...made, ...runs, entry, verdict };
        const answer = await room.submit("/v1/reproductions", "reproduction", statement, stranger);
        if (answer.ok) return "accepted";
        const problem = await problemOf(answer);
        if (problem.name !== "wrong-reproduction") return problem.errors[0]!.pointer;
      }
      throw new Error("no verdict was accepted");
    };
    const other = await resultOf({ counts: measurement(), regs: "aug" });
    expect((await submit(other, alice)).status).toBe(201);
    const taken = { ...other.panel[0]!, regs: "none", seed: made.fresh[1]!.seed };
    expect(await send({ panel, fresh: made.fresh.with(1, taken) })).toBe("/fresh/1");
    expect(await send({ panel, fresh: made.fresh })).toBe("accepted");
  });
});

interface Claim {
  id: string;
  regs: string;
  rotated: number;
  challenged: boolean;
  holder: typeof alice;
  is: "standing" | "retracted" | "quarantined";
}

/** By the words of docs/trust.md section 4, over all claims to one panel in the order of the log. */
function expected(claims: readonly Claim[], claim: Claim): unknown[] {
  if (claim.is !== "standing") return [claim.is];
  const stand = claims.filter(({ is }) => is === "standing");
  const isZero = ({ regs }: Claim) => regs === "zero";
  const standing = stand.every(isZero) ? stand : stand.filter((each) => !isZero(each));
  const isOther = (other: Claim) => other.regs !== claim.regs || other.rotated !== claim.rotated;
  const [first] = standing;
  const best = standing.find(({ challenged }) => challenged) ?? first!;
  if (isOther(best)) return ["disputed", !isOther(first!)];
  return [claim.challenged ? "challenged" : "self-reported", !isOther(first!)];
}

test("whatever order statements come in, rows say the same as the definition, reindexed and restored", async () => {
  const counts = measurement();
  const claims: Claim[] = [];
  const pick = <T>(of: readonly T[], step: number, use: number) =>
    of[Math.floor(fraction(step + 31, use) * of.length)]!;
  for (let step = 0; step < 28; step++) {
    room.wait(1);
    const claim = claims.length > 0 ? pick(claims, step, 1) : null;
    const turn = fraction(step + 31, 0);
    if (claim === null || turn < 0.5) {
      const listing = {
        regs: pick(["wd=0.1", "wd=0.2", "zero", "zero"], step, 2),
        rotated: pick([0, 0, 0, 1], step, 3),
        challenged: pick([true, false, false], step, 4),
        holder: pick([alice, stranger], step, 5),
      };
      claims.push({ ...listing, id: await list({ counts, ...listing }), is: "standing" });
    } else if (claim.is === "quarantined") {
      await moderate(room, "unquarantine", claim.id, "released");
      claim.is = "standing";
    } else if (claim.is === "standing" && turn < 0.75) {
      await moderate(room, "quarantine", claim.id, "set aside");
      claim.is = "quarantined";
    } else if (claim.is === "standing") {
      await retract(claim.id, claim.holder);
      claim.is = "retracted";
    }
    await room.refresh();
    const rows = new Map((await stored(room.db)).entries.map((row) => [row.id, row]));
    for (const each of claims) {
      const { state, standing } = rows.get(each.id)!;
      const { weighs } = JSON.parse(standing) as { weighs: boolean };
      const found = each.is === "standing" ? [state, weighs] : [state];
      expect([step, each.id, found]).toEqual([step, each.id, expected(claims, each)]);
    }
  }
  const incremental = await stored(room.db);
  await reindex(room.db);
  expect(await stored(room.db)).toEqual(incremental);
  const copy = await openTestDatabase();
  await restore(copy.db, dumpLines(room.db, room.deployment.keeper), null);
  expect(await stored(copy.db)).toEqual(incremental);
  await copy.close();
});

async function stored(db: Db) {
  expect(await db.$count(boardChanges)).toBe(0);
  const { id, state, standing, operatorNotes, fixed } = entries;
  return {
    entries: await db
      .select({ id, state, standing, operatorNotes, fixed })
      .from(entries)
      .orderBy(asc(entries.leaf)),
    counts: await db.select().from(runCounts).orderBy(asc(runCounts.digest), asc(runCounts.leaf)),
  };
}

test("a run copied a dozen times has a handful of configurations told anew, whoever's listing ends", async () => {
  const counts = measurement();
  const first = await list({ counts, regs: "wd=0.4" });
  const copies: string[] = [];
  for (let i = 0; i < 12; i++) copies.push(await list({ counts, regs: `wd=${0.5 + i / 1000}` }));
  await room.refresh();
  const waiting = async () => {
    const rows = await room.db.select().from(boardChanges);
    await room.refresh();
    return new Set(rows.map(({ regs }) => regs)).size;
  };
  await list({ counts, regs: "wd=0.7", challenged: true });
  expect(await waiting()).toBeLessThan(4);
  await retract(first);
  expect(await waiting()).toBeLessThan(5);
  expect((await told(copies[0]!)).slice(0, 2)).toEqual(["disputed", "same-counts"]);
  await retract(copies[0]!);
  expect(await waiting()).toBeLessThan(5);
  expect((await told(copies[11]!))[2]).toBe(copies[1]);
});

import { describe, afterAll, beforeAll, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  ComparisonDocument,
  EntryDocument,
  EntryRuns,
  EntrySeries,
  KeyDocument,
  MeasuresDocument,
  LogPage,
  MOST_EVENTS,
  MOST_REPRODUCTIONS,
  ChallengeList,
} from "../../../record/answers/documents.ts";
import { readEnvelope, sealEnvelope } from "../../../record/statement/envelope.ts";
import { alice, bob, hex, aResult, keyHolder } from "../../world/statements.ts";
import { micro } from "../../world/runs.ts";
import { type Laboratory, openEventfulRoom, openReadingRoom } from "../../world/laboratory.ts";
import { appendLeaf, lockLog } from "../../../db/append-leaf.ts";
import { leaves, reproductions } from "../../../db/schema.ts";
import { problemOf, listed, moderate, reproduced, challenge } from "../../world/visitor.ts";
import { entryText } from "../../../harness/cli/commands/status.ts";
import { challengeSentences } from "../../../record/board/challenge-words.ts";
import { MOST_CHALLENGERS } from "../../../record/board/standing.ts";
import { challengers as challengersSection } from "../../../site/components/entry/challengers.ts";
import { drawn } from "../../../site/charts/drawn.ts";
import { BoardPage } from "../../../record/board/board-row.ts";

describe("an entry", () => {
  let room: Laboratory;
  let ids: string[];
  let reproduction: string;
  beforeAll(async () => void ({ room, ids, reproduction } = await openEventfulRoom()));
  afterAll(() => room.close());

  test("an entry tells all that happened to it, in the order of the log", async () => {
    const kinds = async (id: string) => {
      const { events } = await room.read(`/v1/entries/${id}`, EntryDocument);
      const places = events.map(({ index }) => index);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      return events.map(({ kind }) => kind);
    };
    expect(await kinds(ids[0]!)).toEqual(["challenged", "submitted", "reproduced"]);
    expect(await kinds(ids[1]!)).toEqual(["challenged", "submitted", "moderated", "moderated"]);
    expect(await kinds(ids[2]!)).toEqual(["challenged", "submitted", "retracted"]);
  });

  test("an entry shows who reproduced it with which numbers", async () => {
    const document = await room.read(`/v1/entries/${ids[0]}`, EntryDocument);
    const [only] = document.reproductions;
    expect(only).toMatchObject({ id: reproduction, own: false, signer: { key: bob.key } });
    expect(only!.numbers.map(({ quantity }) => quantity)).toEqual([
      "learnedComplexity",
      "capacity",
      "testAccuracy",
    ]);
    expect(document.row.standing.state).toMatch(/reproduced|disputed/);
    expect(document.challenge!.outcome!.outcome).toBe("completed");
    expect(document.summary.learnedComplexity).toEqual(document.row.numbers.learnedComplexity);
    expect(document.row.signer.name).toBe("=Alice");
  });

  test("an entry's envelope is the bytes that were signed", async () => {
    const answer = await room.get(`/v1/entries/${ids[0]}/envelope`);
    expect(answer.headers.get("content-type")).toBe("application/vnd.dsse.envelope.v1+json");
    const opened = await readEnvelope(new Uint8Array(await answer.arrayBuffer()));
    expect(opened).toMatchObject({ ok: true, kind: "result", id: ids[0] });
  });

  test("an entry's runs come with what is computed from them", async () => {
    const { panel, fresh, metrics } = await room.read(`/v1/entries/${ids[0]}/runs`, EntryRuns);
    expect(panel.map(({ seed }) => seed)).toEqual(micro.panelSeeds);
    expect(metrics.map(({ seed }) => seed)).toEqual([...panel, ...fresh].map(({ seed }) => seed));
  });

  test("an entry's series are the means that its runs give, counted here once more", async () => {
    const { panel, fresh, metrics } = await room.read(`/v1/entries/${ids[0]}/runs`, EntryRuns);
    const series = await room.read(`/v1/entries/${ids[0]}/series`, EntrySeries);
    const runs = [...panel, ...fresh];
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    const chance = 1 / micro.headline;
    const last = Math.max(...metrics[0]!.heads.map(({ tap }) => tap));
    const places = metrics[0]!.heads.flatMap(({ tap, n, regularized }, place) =>
      tap === last && n === micro.headline && !regularized ? [place] : [],
    );
    const epoch = micro.epochs - 1;
    const online = runs.map(({ epochs }) =>
      mean(places.map((place) => epochs[epoch]!.online[place]! / epochs[epoch]!.seen)),
    );
    expect(series).toMatchObject({ completed: runs.length, diverged: 0, epochs: micro.epochs });
    expect(series.heads[epoch]).toBeCloseTo((mean(online) - chance) / (1 - chance), 4);
    const classes = runs.map(({ epochs }) => epochs[0]!.correct / epochs[0]!.seen);
    expect(series.train).toHaveLength(micro.epochs);
    expect(series.train[0]).toBeCloseTo(mean(classes), 4);
    const { summary } = await room.read(`/v1/entries/${ids[0]}`, EntryDocument);
    const { testAccuracy, learnedComplexity, capacity } = summary;
    expect(series.testAccuracy).toBeCloseTo(testAccuracy!.mean, 4);
    expect(series.taps.map(({ name }) => name)).toEqual(["hidden 1", "hidden 2"]);
    expect(series.taps[1]!.heads).toBeCloseTo(learnedComplexity!.mean, 4);
    expect(series.taps[1]!.refits).toBeCloseTo(capacity!.mean, 4);
    expect(series.taps[0]!.frozenHeads).toBeNull();
    const weight = JSON.stringify(series).length / JSON.stringify({ panel, fresh }).length;
    expect(weight).toBeLessThan(0.1);
  });

  test("entries of one board are compared over the panel's seeds", async () => {
    const path = `/v1/compare?entries=${ids[1]},${ids[0]}`;
    const { rows, comparisons, differences } = await room.read(path, ComparisonDocument);
    expect(differences).toEqual([]); // one machine made both
    expect(rows.map(({ entry }) => entry)).toEqual([ids[1], ids[0]]);
    expect(comparisons.map(({ quantity }) => quantity)).toEqual([
      "learnedComplexity",
      "capacity",
      "gap",
      "testAccuracy",
      "trainAccuracy",
    ]);
    expect(comparisons.every(({ seeds }) => seeds.join() === micro.panelSeeds.join())).toBe(true);
    for (const wrong of ["", "?entries=", `?entries=${ids[0]}`, `?entries=${ids[0]},${ids[0]}`])
      expect((await room.get(`/v1/compare${wrong}`)).status).toBe(400);
    const unknown = await room.get(`/v1/compare?entries=${ids[0]},${"0".repeat(64)}`);
    expect(unknown.status).toBe(404);
  });

  test("measures are scored over the entries that are shown", async () => {
    const { entries, measures } = await room.read("/v1/measures/micro-1", MeasuresDocument);
    expect(entries).toBe(2);
    expect(measures.find(({ name }) => name === "learnedComplexity")!.points).toHaveLength(2);
  });

  test("a key is shown with its name and what it has signed", async () => {
    const key = await room.read(`/v1/keys/${alice.key}`, KeyDocument);
    expect(key).toMatchObject({ name: "=Alice", results: 2, reproductions: 0, next: null });
    expect(await room.read(`/v1/keys/${bob.key}`, KeyDocument)).toMatchObject({ reproductions: 1 });
  });

  test("a badge is a picture of learned complexity, capacity and state", async () => {
    const answer = await room.get(`/v1/badge/${ids[1]}.svg`);
    const svg = await answer.text();
    expect(answer.headers.get("content-type")).toBe("image/svg+xml");
    expect(svg).toMatch(/learned complexity -?\d\.\d{3}, capacity -?\d\.\d{3}.*challenged/);
    expect(svg.length).toBeLessThan(1500);
  });
});

describe("an entry with more than its document holds", () => {
  /** More than a document holds. */
  const REPRODUCTIONS = MOST_REPRODUCTIONS + 20;

  let room: Laboratory;
  let id: string;
  let other: string;
  /** Oldest first. */
  let ids: string[];
  let retraction: string;
  beforeAll(async () => {
    room = await openReadingRoom({ address: null });
    id = await listed(room);
    other = await listed(room, { regs: "wd=0.005" });
    const first = await reproduced(room, id);
    ids = [first, ...(await copies(first, REPRODUCTIONS - 1))];
    const statement = { key: bob.key, statement: first, reason: "a slip" };
    await room.submit("/v1/retractions", "retraction", statement, bob);
    retraction = (await room.read("/v1/log/entries?kind=retraction", LogPage)).leaves[0]!.digest;
    await moderate(room, "quarantine", ids.at(-1)!, "copied");
    await room.refresh();
  });
  afterAll(() => room.close());

  /** As if so many had been accepted: the same bytes under other digests. @returns their ids. */
  async function copies(first: string, count: number): Promise<string[]> {
    const [leaf] = await room.db.select().from(leaves).where(eq(leaves.digest, first));
    const [row] = await room.db.select().from(reproductions).where(eq(reproductions.id, first));
    const made = Array.from({ length: count }, (_, i) => hex(10 ** 9 + i));
    await room.db.transaction(async (tx) => {
      await lockLog(tx);
      for (const digest of made) {
        const { index } = await appendLeaf(tx, room.deployment.keeper, { ...leaf!, digest });
        await tx.insert(reproductions).values({ ...row!, id: digest, leaf: index });
      }
    });
    return made;
  }

  async function pages(query: string): Promise<LogPage["leaves"]> {
    const found: LogPage["leaves"] = [];
    for (let before: number | null = 10 ** 9; before !== null;) {
      const path = `/v1/log/entries?entry=${id}&before=${before}${query}`;
      const page: LogPage = await room.read(path, LogPage);
      found.push(...page.leaves);
      before = page.next;
    }
    return found;
  }

  test("an entry's document holds the newest reproductions and events, and says how many there are", async () => {
    const document = await room.read(`/v1/entries/${id}`, EntryDocument);
    expect(document.reproductions.map((each) => each.id)).toEqual(ids.slice(-MOST_REPRODUCTIONS));
    const kinds = document.events.map(({ kind }) => kind);
    expect([kinds.length, ...kinds.slice(0, 3)]).toEqual([
      2 + MOST_EVENTS,
      ...["challenged", "submitted", "reproduced"],
    ]);
    expect(kinds.slice(-2)).toEqual(["retracted", "moderated"]);
    const places = document.events.map(({ index }) => index);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(document.totals).toEqual({ reproductions: REPRODUCTIONS, events: REPRODUCTIONS + 4 });
  });

  test("an entry of which little was said is shown whole", async () => {
    const { reproductions, events, totals } = await room.read(
      `/v1/entries/${other}`,
      EntryDocument,
    );
    expect(totals).toEqual({ reproductions: reproductions.length, events: events.length });
    expect([reproductions.length, events.length]).toEqual([0, 2]);
  });

  test("all that was said of an entry is found in the log, page after page", async () => {
    const digests = async (query: string) => (await pages(query)).map(({ digest }) => digest);
    expect(await digests("&kind=reproduction&limit=50")).toEqual(ids.toReversed());
    const all = await pages("&limit=7");
    expect(all.every(({ entry }) => entry === id)).toBe(true);
    expect(all.map(({ kind }) => kind).slice(0, 2)).toEqual(["moderation", "retraction"]);
    expect(all.map(({ digest }) => digest).slice(1)).toEqual([
      retraction,
      ...ids.toReversed(),
      id, // its own leaf
    ]);
    expect(await digests("&kind=result,retraction")).toEqual([retraction, id]);
    expect(await digests("&kind=key,challenge,outcome")).toEqual([]);
  });

  test("an entry that is not here has no leaves, and what is no id is refused", async () => {
    const { leaves } = await room.read(`/v1/log/entries?entry=${hex(1)}`, LogPage);
    expect(leaves).toEqual([]);
    const answer = await room.get("/v1/log/entries?entry=x");
    expect((await problemOf(answer)).errors[0]!.pointer).toBe("/entry");
  });
});

const [next, nobody] = [await keyHolder(70), await keyHolder(71)];

describe("the ledger of an entry's challenges", () => {
  let room: Laboratory;
  beforeAll(async () => {
    room = await openReadingRoom();
    await room.submit("/v1/results", "result", aResult(await challenge(room)));
    const givenUp = await challenge(room);
    const retraction = { key: alice.key, statement: givenUp.id, reason: "no time" };
    await room.submit("/v1/retractions", "retraction", retraction);
    await challenge(room, {}, bob); // never heard of again
    await challenge(room, { regs: "wd=0.005" }); // of another configuration
    const at = room.deployment.now().toISOString();
    const rotation = { action: "rotate", key: alice.key, next: next.key, at } as const;
    const envelope = await sealEnvelope("key", rotation, [alice.seed, next.seed]);
    await room.send("/v1/keys", { envelope, name: null });
    await nameNext();
    await challenge(room, {}, next);
    await room.refresh();
  });
  afterAll(() => room.close());

  /** The key that replaced Alice's. */
  async function nameNext(): Promise<void> {
    const at = room.deployment.now().toISOString();
    const name = bytesToHex(sha256(utf8ToBytes("Next")));
    const statement = { action: "name", key: next.key, name, at } as const;
    const envelope = await sealEnvelope("key", statement, [next.seed]);
    expect((await room.send("/v1/keys", { envelope, name: "Next" })).status).toBeLessThan(300);
  }

  const CONFIGURATION = "protocol=micro-1&arch=mlp-512&regs=none";

  /** As many as a row's counts, however each of them ended. */
  async function tally(query: string) {
    const { challenges } = await room.read(`/v1/challenges?${query}`, ChallengeList);
    const completed = challenges.filter(({ outcome }) => outcome?.outcome === "completed");
    return { issued: challenges.length, completed: completed.length };
  }

  test("every challenge that a row counts, by its key and by anybody, is listed with its outcome", async () => {
    const { rows } = await room.read("/v1/boards/micro-1", BoardPage);
    const { challenges } = rows[0]!.standing;
    expect(challenges).toEqual({
      byKey: { issued: 3, completed: 1 },
      byAnybody: { issued: 4, completed: 1 },
    });
    expect(await tally(CONFIGURATION)).toEqual(challenges.byAnybody);
    for (const { key } of [alice, next])
      expect(await tally(`${CONFIGURATION}&key=${key}`)).toEqual(challenges.byKey);
    expect(await tally(`${CONFIGURATION}&key=${bob.key}`)).toEqual({ issued: 1, completed: 0 });
    expect(await tally(`key=${nobody.key}`)).toEqual({ issued: 0, completed: 0 });
  });

  test("holders are told one by one, the entry's own first, each with what it abandoned", async () => {
    const { rows } = await room.read("/v1/boards/micro-1", BoardPage);
    const own = { key: alice.key, issued: 3, completed: 1, failed: 1, expired: 0 };
    const stranger = { key: bob.key, issued: 1, completed: 0, failed: 0, expired: 0 };
    expect(rows[0]!.standing.challengers).toEqual({
      holders: 2,
      abandoned: { byKey: 1, byAnybody: 1 },
      shown: [own, stranger],
    });
    const entry = await room.read(`/v1/entries/${rows[0]!.entry}`, EntryDocument);
    expect(entry.challengers).toEqual([
      { ...own, name: "Next", own: true },
      { ...stranger, name: null, own: false },
    ]);
  });

  test("a challenge that was not completed says what became of it", async () => {
    const { challenges } = await room.read(`/v1/challenges?${CONFIGURATION}`, ChallengeList);
    const outcomes = challenges.map(({ outcome }) => outcome && [outcome.outcome, outcome.reason]);
    expect(outcomes).toEqual([null, null, ["failed", "no time"], ["completed", null]]);
  });

  test("strangers who abandon challenges of a configuration change nothing of what its holder abandoned", async () => {
    const strangers = await Promise.all(Array.from({ length: 7 }, (_, i) => keyHolder(80 + i)));
    for (const stranger of strangers) await room.register(stranger);
    const opened = [];
    for (const stranger of strangers)
      for (let i = 0; i < 2; i++) opened.push(await challenge(room, {}, stranger));
    const giver = strangers[0]!;
    for (const { id } of opened.slice(0, 2)) {
      const retraction = { key: giver.key, statement: id, reason: "it looks picked now" };
      await room.submit("/v1/retractions", "retraction", retraction, giver);
    }
    await room.refresh();
    const { rows } = await room.read("/v1/boards/micro-1?limit=20", BoardPage);
    const { challenges, challengers } = rows[0]!.standing;
    expect(challenges).toEqual({
      byKey: { issued: 3, completed: 1 },
      byAnybody: { issued: 18, completed: 1 },
    });
    expect(challengers).toMatchObject({ holders: 9, abandoned: { byKey: 1, byAnybody: 3 } });
    expect(challengers!.shown).toHaveLength(MOST_CHALLENGERS);
    expect(challengers!.shown.slice(0, 2)).toEqual([
      { key: alice.key, issued: 3, completed: 1, failed: 1, expired: 0 },
      { key: giver.key, issued: 2, completed: 0, failed: 2, expired: 0 },
    ]);
    const entry = await room.read(`/v1/entries/${rows[0]!.entry}`, EntryDocument);
    expect(entry.challengers.map(({ own, issued }) => [own, issued])).toEqual([
      [true, 3],
      ...strangers.map(() => [false, 2]),
      [false, 1],
    ]);
    expect(challengeSentences(rows[0]!.standing).slice(0, 2)).toEqual([
      "Challenges of this configuration by the holder of this key: 1 of 3 completed, 1 abandoned.",
      "By 8 other holders: 0 of 15 completed, 2 abandoned.",
    ]);
    const page = drawn(
      challengersSection({ entry, runs: null, envelope: null, proof: null, home: "" }),
    );
    expect(page).toContain("Next");
    expect(page).toContain(`key=${giver.key}`);
    const text = entryText(entry, "http://127.0.0.1:8787");
    expect(text).toContain("this entry's: 1 of 3 completed, 1 given up, 1 open");
    expect(text).toContain("0 of 2 completed, 2 given up");
  });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import { appendLeaf, lockLog } from "../../../db/append-leaf.ts";
import { leaves, reproductions } from "../../../db/schema.ts";
import {
  EntryDocument,
  LogPage,
  MOST_EVENTS,
  MOST_REPRODUCTIONS,
} from "../../../record/answers/documents.ts";
import { bob, hex } from "../../world/statements.ts";
import { problemOf, listed, moderate, reproduced } from "../../world/visitor.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";

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
  const { reproductions, events, totals } = await room.read(`/v1/entries/${other}`, EntryDocument);
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

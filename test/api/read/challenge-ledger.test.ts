import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { entryText } from "../../../harness/cli/commands/status.ts";
import { challengeSentences } from "../../../record/board/challenge-words.ts";
import { MOST_CHALLENGERS } from "../../../record/board/standing.ts";
import { challengers as challengersSection } from "../../../site/components/entry/challengers.ts";
import { drawn } from "../../../site/charts/drawn.ts";
import { BoardPage } from "../../../record/board/board-row.ts";
import { ChallengeList, EntryDocument } from "../../../record/answers/documents.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { aResult, alice, bob, keyHolder } from "../../world/statements.ts";
import { challenge } from "../../world/visitor.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";

const [next, nobody] = [await keyHolder(70), await keyHolder(71)];
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
  const page = drawn(challengersSection(entry));
  expect(page).toContain("Next");
  expect(page).toContain(`key=${giver.key}`);
  const text = entryText(entry, "http://127.0.0.1:8787");
  expect(text).toContain("this entry's: 1 of 3 completed, 1 given up, 1 open");
  expect(text).toContain("0 of 2 completed, 2 given up");
});

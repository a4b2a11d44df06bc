import { afterAll, beforeAll, expect, test } from "vitest";
import { BoardPage } from "../../../record/board/board-page.ts";
import { ChallengeList } from "../../../record/documents/challenge-list.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { aResult, alice, bob, keyHolder } from "../../record/statement/factories.ts";
import { challenge } from "../write/laboratory.ts";
import { openReadingRoom, type ReadingRoom } from "./reading-room.ts";

const [next, nobody] = [await keyHolder(70), await keyHolder(71)];
let room: ReadingRoom;
beforeAll(async () => {
  room = await openReadingRoom();
  await room.submit("/v1/results", "result", aResult(await challenge(room)));
  const givenUp = await challenge(room);
  const retraction = { key: alice.key, statement: givenUp.id, reason: "no time" };
  await room.submit("/v1/retractions", "retraction", retraction);
  await challenge(room, {}, bob); // never heard of again
  await challenge(room, { regs: "wd=0.005" }); // of another configuration
  const at = room.home.now().toISOString();
  const rotation = { action: "rotate", key: alice.key, next: next.key, at } as const;
  const envelope = await sealEnvelope("key", rotation, [alice.seed, next.seed]);
  await room.send("/v1/keys", { envelope, name: null });
  await challenge(room, {}, next);
  await room.refresh();
});
afterAll(() => room.close());

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

test("a challenge that was not completed says what became of it", async () => {
  const { challenges } = await room.read(`/v1/challenges?${CONFIGURATION}`, ChallengeList);
  const outcomes = challenges.map(({ outcome }) => outcome && [outcome.outcome, outcome.reason]);
  expect(outcomes).toEqual([null, null, ["failed", "no time"], ["completed", null]]);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { EntryDocument } from "../../../record/answers/documents.ts";
import { standingOf, type Laboratory, openReadingRoom } from "../../world/laboratory.ts";
import { listed, moderate, retract } from "../../world/visitor.ts";

let room: Laboratory;
/** Each replaces the one before it. */
let ids: string[];
beforeAll(async () => {
  room = await openReadingRoom({ address: null });
  ids = [await listed(room)];
  for (const supersedes of [0, 1]) ids.push(await listed(room, { supersedes: ids[supersedes]! }));
});
afterAll(() => room.close());

/** State of each, and the place of what replaces it. */
const states = () =>
  Promise.all(
    ids.map(async (id) => {
      const { state, supersededBy } = await standingOf(room.db, id);
      return [state, supersededBy === null ? null : ids.indexOf(supersededBy)];
    }),
  );

test("what replaces an entry hides it", async () => {
  expect(await states()).toEqual([
    ["superseded", 1],
    ["superseded", 2],
    ["challenged", null],
  ]);
});

test("what an operator sets aside hides its predecessor no longer", async () => {
  await moderate(room, "quarantine", ids[2]!, "copied");
  expect(await states()).toEqual([
    ["superseded", 1],
    ["challenged", null],
    ["quarantined", null],
  ]);
  await room.refresh();
  const { events } = await room.read(`/v1/entries/${ids[1]}`, EntryDocument);
  expect(events.map(({ kind }) => kind)).toEqual(["challenged", "submitted"]);
});

test("what its signer took back hides its predecessor no longer", async () => {
  await retract(room, ids[1]!, "a wrong flag");
  expect(await states()).toEqual([
    ["challenged", null],
    ["retracted", null],
    ["quarantined", null],
  ]);
});

test("what replaced a result that was taken back replaces its predecessor, too", async () => {
  await moderate(room, "unquarantine", ids[2]!, "it was not");
  expect(await states()).toEqual([
    ["superseded", 2],
    ["retracted", 2],
    ["challenged", null],
  ]);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { BoardPage } from "../../../record/board/board-row.ts";
import { EntryDocument, KeyDocument, LogPage } from "../../../record/answers/documents.ts";
import type { Receipt } from "../../../record/log/log-proof.ts";
import { aResult, alice, bob, keyHolder } from "../../world/statements.ts";
import { type Laboratory, openReadingRoom, refused } from "../../world/laboratory.ts";
import { moderate, challenge, entry } from "../../world/visitor.ts";

const [mallory, ...honest] = await Promise.all([50, 51, 52, 53].map(keyHolder));
let room: Laboratory;
let id: string;
let fabricated: string;
beforeAll(async () => {
  room = await openReadingRoom({ address: null });
  id = (await entry(room)).receipt.id;
  for (const holder of honest) {
    await room.register(holder);
    await reproduce(holder, "agree");
  }
  await room.register(mallory!);
  fabricated = await reproduce(mallory!, "disagree");
});
afterAll(() => room.close());

/** Whoever disagrees invents a test accuracy far from the entry's. @returns its id. */
async function reproduce(holder: typeof alice, verdict: "agree" | "disagree"): Promise<string> {
  const { supersedes: _, ...measured } = aResult(await challenge(room, { reproduces: id }, holder));
  const invented = { testCorrect: 2000, testLossSum: 30_000 };
  const fresh = measured.fresh.map((run) =>
    verdict === "agree" ? run : { ...run, final: { ...run.final!, ...invented } },
  );
  const statement = { ...measured, fresh, entry: id, verdict };
  const answer = await room.submit("/v1/reproductions", "reproduction", statement, holder);
  expect(answer.status).toBe(201);
  return ((await answer.json()) as Receipt).id;
}

async function row() {
  await room.refresh();
  const { rows } = await room.read("/v1/boards/micro-1", BoardPage);
  return rows.find((each) => each.entry === id)!;
}
const document = () => room.read(`/v1/entries/${id}`, EntryDocument);
const reproductionsOf = async ({ key }: typeof alice) =>
  (await room.read(`/v1/keys/${key}`, KeyDocument)).reproductions;

test("one of four keys that disagrees disputes an entry, and the row counts all four", async () => {
  expect((await row()).standing).toMatchObject({
    state: "disputed",
    reproductions: { agree: 3, disagree: 1, inconclusive: 0 },
  });
});

test("a quarantined reproduction counts no more, and is shown with the operator's reason", async () => {
  expect(await reproductionsOf(mallory!)).toBe(1);
  await moderate(room, "quarantine", fabricated, "no machine gives these counts");
  expect((await row()).standing).toMatchObject({
    state: "reproduced",
    reproductions: { agree: 3, disagree: 0 },
    reason: null,
  });
  const { reproductions, events } = await document();
  expect(reproductions.map(({ id, quarantine }) => [id === fabricated, quarantine])).toEqual([
    ...Array<[boolean, null]>(3).fill([false, null]),
    [true, "no machine gives these counts"],
  ]);
  expect(events.at(-1)).toMatchObject({
    kind: "moderated",
    text: "A reproduction was quarantined by the operator: no machine gives these counts",
  });
  expect([await reproductionsOf(mallory!), await reproductionsOf(honest[0]!)]).toEqual([0, 1]);
  const { leaves } = await room.read("/v1/log/entries?kind=moderation", LogPage);
  expect(leaves[0]).toMatchObject({ action: "quarantine", subject: fabricated, entry: id });
});

test("a reproduction is quarantined once, by an operator alone", async () => {
  const at = room.deployment.now().toISOString();
  const decide = (holder: typeof alice, subject: string) => () => {
    const moderation = { key: holder.key, action: "quarantine", subject, reason: "again", at };
    return room.submit("/v1/moderations", "moderation", moderation as never, holder);
  };
  expect((await refused(room, decide(bob, fabricated))).name).toBe("already-done");
  expect((await refused(room, decide(alice, fabricated))).name).toBe("not-an-operator");
  const challenged = await challenge(room);
  const other = await refused(room, decide(bob, challenged.id));
  expect([other.name, other.errors[0]!.pointer]).toEqual(["unknown-statement", "/subject"]);
});

test("a note on a reproduction stands among the entry's events, not on its row", async () => {
  await moderate(room, "note", fabricated, "asked for its logs");
  expect((await row()).notes.filter(({ kind }) => kind === "operator")).toEqual([]);
  const { text } = (await document()).events.at(-1)!;
  expect(text).toBe("Note of the operator on a reproduction: asked for its logs");
});

test("a reproduction that is brought back disputes the entry again", async () => {
  await moderate(room, "unquarantine", fabricated, "its logs are whole");
  expect((await row()).standing.state).toBe("disputed");
  const { reproductions, events } = await document();
  expect(reproductions.map(({ quarantine }) => quarantine)).toEqual([null, null, null, null]);
  expect(events.at(-1)!.text).toBe(
    "A reproduction was brought back by the operator: its logs are whole",
  );
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { BoardPage, type Note } from "../../../record/board/board-row.ts";
import type { Run } from "../../../record/run.ts";
import type { Result } from "../../../record/statement/statements.ts";
import { entry, listed } from "../../world/visitor.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";

let room: Laboratory;
let first: string;
beforeAll(async () => {
  room = await openReadingRoom({ address: null });
  first = (await entry(room)).receipt.id;
});
afterAll(() => room.close());

/** Of a row, read from its board. */
async function notesOf(id: string): Promise<Note[]> {
  await room.refresh();
  const { rows } = await room.read("/v1/boards/micro-1?limit=200", BoardPage);
  return rows.find((row) => row.entry === id)!.notes;
}
const accepted = async (change: (result: Result) => Result) =>
  (await entry(room, change)).receipt.id;

const correct = (runs: Run[], counts: number[]) =>
  runs.map((run, i) => ({ ...run, final: { ...run.final!, testCorrect: counts[i]! } }));

test("a row whose panel and fresh runs differ beyond chance says by how much", async () => {
  const id = await accepted((result) => ({
    ...result,
    panel: correct(result.panel, [5000, 5010, 4990, 5005, 4995]),
    fresh: correct(result.fresh, [4500, 4520, 4490]),
  }));
  const notes = await notesOf(id);
  const [note] = notes.filter(({ kind }) => kind === "panel-minus-fresh");
  expect(note!.text).toMatch(
    /^Panel minus fresh: the test accuracy differs by 4\.97 points \(95 % interval /,
  );
  expect((await notesOf(first)).map(({ kind }) => kind)).not.toContain("panel-minus-fresh");
});

test("a row of the same counts names the entry that it is bit-identical to", async () => {
  const id = await accepted((result) => result);
  expect(await notesOf(id)).toContainEqual({
    kind: "bit-identical",
    text: `Bit-identical to entry ${first}: the panel's runs have the same counts.`,
    entry: first,
  });
  expect((await notesOf(first)).map(({ kind }) => kind)).not.toContain("bit-identical");
});

test("a row notes times that its own rate contradicts, and those no declared hardware reaches", async () => {
  const timed = (timing: Partial<Run["timing"]>) =>
    accepted((result) => {
      const [run, ...rest] = result.panel;
      return { ...result, panel: [{ ...run!, timing: { ...run!.timing, ...timing } }, ...rest] };
    });
  const text = async (id: string) =>
    (await notesOf(id)).find(({ kind }) => kind === "wall-time")?.text;
  expect(await text(await timed({ imagesPerSecond: 1 }))).toContain("panel run 1 saw 75000 images");
  const rate = { trainSeconds: 0.5, imagesPerSecond: 150_000 };
  expect(await text(await timed(rate))).toContain("what the declared hardware needs 0.72 s for");
});

test("a row notes seconds and losses whose fractions repeat", async () => {
  const notes = await notesOf(first); // made-up runs, of whole seconds
  const texts = notes.flatMap(({ kind, text }) => (kind === "repeated-fractions" ? [text] : []));
  expect(texts).toHaveLength(2);
  for (const text of texts) expect(text).toMatch(/share six places behind the point between runs/);
});

test("a row notes a near duplicate, which has a ledger of challenges of its own", async () => {
  const earlier = await listed(room, { regs: "wd=0.005" });
  const id = await listed(room, { regs: "wd=0.0050001" });
  expect(await notesOf(id)).toContainEqual({
    kind: "near-duplicate",
    text: "Next to nothing differs from mlp-512 wd=0.005, an entry of the same holder.",
    entry: earlier,
  });
});

test("a row notes a harness that ran from changed files", async () => {
  const git = { commit: "c".repeat(40), dirty: true };
  const id = await accepted((result) => ({ ...result, harness: { ...result.harness, git } }));
  expect((await notesOf(id)).map(({ kind }) => kind)).toContain("dirty-checkout");
});

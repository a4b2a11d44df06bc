import { afterAll, expect, test } from "vitest";
import { createComputingThread } from "../../api/node/computing-thread.ts";
import { computeHere, rankNumbers } from "../../db/board/computing.ts";
import { MEASURE_NAMES } from "../../record/board/measure-scores.ts";
import { fraction } from "../../bench/load/synthetic.ts";

const thread = createComputingThread({ rank: 10, score: 10 });
afterAll(() => thread.close());

/** Every seventh without a mean, as hidden ones are. */
const column = (seed: number, entries: number) =>
  Float64Array.from({ length: 3 * entries }, (_, i) => {
    if (i % 3 === 2) return 5;
    return i % 21 === 0 ? NaN : fraction(seed, i) / (i % 3 === 0 ? 1 : 1000);
  });

test("ranks from the other thread are those that this one computes, whichever is asked first", async () => {
  const asked = [5, 400, 30].flatMap((entries, seed) =>
    (["ascending", "descending"] as const).map((order) => ({ entries, seed, order })),
  );
  const ranks = await Promise.all(
    asked.map(({ entries, seed, order }) => thread.rank(column(seed, entries), order)),
  );
  for (const [i, { entries, seed, order }] of asked.entries())
    expect(ranks[i]).toEqual(rankNumbers(column(seed, entries), order));
  expect(ranks[2]!.some((byte) => byte !== 0)).toBe(true);
});

test("scores from the other thread are those that this one computes, and keep no ranks waiting", async () => {
  const rows = Array.from({ length: 120 }, (_, i) => {
    const measures = Object.fromEntries(MEASURE_NAMES.map((name, j) => [name, fraction(i, j)]));
    const measured = JSON.stringify({ gap: fraction(i, 100), measures });
    return { id: String(i), arch: "mlp-64", regs: "none", measured };
  });
  const scores = thread.score(rows);
  let isScored = false;
  void scores.then(() => (isScored = true));
  await thread.rank(column(3, 50), "ascending");
  expect(isScored).toBe(false);
  expect(await scores).toEqual(await computeHere.score(rows));
  const few = rows.slice(0, 5);
  expect(await thread.score(few)).toEqual(await computeHere.score(few));
});

test("this thread does other things while a large column is ranked", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await thread.rank(column(1, 20), "ascending"); // started
  turns = 0;
  await thread.rank(column(1, 30_000), "ascending");
  clearInterval(timer);
  expect(turns).toBeGreaterThan(3); // none, were this thread the one that ranks
});

test("whoever asks a thread that is closed meanwhile is told so; asked again it starts anew", async () => {
  const asked = thread.rank(column(2, 30_000), "ascending");
  const told = expect(asked).rejects.toThrow("the server was closed");
  await thread.close();
  await told;
  expect(await thread.rank(column(2, 50), "ascending")).toEqual(
    rankNumbers(column(2, 50), "ascending"),
  );
});

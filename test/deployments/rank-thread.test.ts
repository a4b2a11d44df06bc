import { expect, test } from "vitest";
import { rankInThread } from "../../api/node/rank-thread.ts";
import { columnRanks } from "../../record/board/board-ranks.ts";
import { fraction } from "../../bench/load/synthetic.ts";

/** Every seventh without a mean, as hidden ones are. */
const column = (seed: number, entries: number) => ({
  numbers: Float64Array.from({ length: 3 * entries }, (_, i) => {
    if (i % 3 === 2) return 5;
    return i % 21 === 0 ? NaN : fraction(seed, i) / (i % 3 === 0 ? 1 : 1000);
  }),
  order: seed % 2 === 0 ? ("ascending" as const) : ("descending" as const),
});

test("ranks from the other thread are those that this one computes, whoever else asks", async () => {
  const asked = [5, 400, 30].map((entries) => [column(1, entries), column(2, entries)]);
  const own = asked.map((columns) => columns.map(columnRanks));
  const ranks = await Promise.all(asked.map(rankInThread));
  expect(ranks).toEqual(own);
  expect(own[1]![1]!.some((byte) => byte !== 0)).toBe(true);
});

test("this thread does other things while a large column is ranked", async () => {
  await rankInThread([column(1, 20)]); // started
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await rankInThread([column(1, 30_000)]);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(3); // none, were this thread the one that ranks
});

test("a question that the thread fails at is told so; the next one starts another thread", async () => {
  await expect(
    rankInThread([{ ...column(2, 50), numbers: new Float64Array(1).fill(NaN) }, {} as never]),
  ).rejects.toThrow();
  expect(await rankInThread([column(2, 50)])).toEqual([columnRanks(column(2, 50))]);
});

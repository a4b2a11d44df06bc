/** @file Turns, what counts as disturbed, and the middle. */

import { expect, test } from "vitest";
import { type Take, type Turn, median, race, watch } from "../../bench/training/race.ts";

const script = (order: string[], name: string, turns: Turn[]): Take => {
  return () => {
    order.push(name);
    return Promise.resolve(turns.length > 1 ? turns.shift()! : turns[0]!);
  };
};
const quiet = (seconds: number): Turn => ({ seconds, quiet: true });
const loud = (seconds: number): Turn => ({ seconds, quiet: false });

test("the median of an even number is the mean of the two in the middle", () => {
  expect(median([3])).toBe(3);
  expect(median([9, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 9])).toBe(3);
});

test("contestants take turns, and nobody always goes first", async () => {
  const order: string[] = [];
  const takes = ["a", "b", "c"].map((name) => script(order, name, [quiet(1)]));
  await race(takes, 3, 0);
  expect(order.join("")).toBe("abcbcacab");
});

test("a disturbed turn is repeated and does not count", async () => {
  const order: string[] = [];
  const turns = [loud(50), quiet(1), quiet(3), quiet(2)];
  const pause = (seconds: number) =>
    Promise.resolve(void order.push(`pause of ${seconds} at most`));
  const [placing] = await race([script(order, "a", turns)], 3, 60, pause);
  expect(placing).toEqual({ seconds: 2, quiet: true });
  expect(order).toEqual(["a", "pause of 60 at most", "a", "a", "a"]);
});

test("without patience disturbed turns count, and the placing says so", async () => {
  const [placing] = await race([script([], "a", [loud(50), loud(40), quiet(1)])], 3, 0);
  expect(placing).toEqual({ seconds: 40, quiet: false });
});

test.runIf(process.platform === "linux")(
  "work that another process does meanwhile is not quiet, one's own is",
  async () => {
    const burn = (milliseconds: number) => {
      const end = performance.now() + milliseconds;
      while (performance.now() < end);
      return Promise.resolve("done");
    };
    // Seen from a process that sleeps, the burning is foreign work.
    const { result, quiet } = await watch(process.ppid, () => burn(400));
    expect(result).toBe("done");
    expect(quiet).toBe(false);
  },
);

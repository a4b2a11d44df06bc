import { expect, test } from "vitest";
import { type Replacing, successorsIn } from "../../../db/project/standings.ts";

/** In the order of the log: what each is, what it replaces, and whether it stands. */
const successors = (...rows: [id: string, supersedes: string | null, stands?: boolean][]) =>
  Object.fromEntries(
    successorsIn(
      rows.map(([id, supersedes, stands = true]): Replacing => ({ id, supersedes, stands })),
    ),
  );

test("each entry is replaced by the one that names it", () => {
  expect(successors(["a", null], ["b", "a"], ["c", "b"])).toEqual({ a: "b", b: "c" });
});

test("of several that name it the latest replaces an entry", () => {
  expect(successors(["a", null], ["b", "a"], ["c", "a"])).toEqual({ a: "c" });
});

test("what does not stand replaces nothing", () => {
  expect(successors(["a", null], ["b", "a", false])).toEqual({});
  expect(successors(["a", null], ["b", "a"], ["c", "a", false])).toEqual({ a: "b" });
});

test("what replaced a result that does not stand replaces its predecessors, too", () => {
  expect(successors(["a", null], ["b", "a", false], ["c", "b"])).toEqual({ a: "c", b: "c" });
  expect(successors(["a", null], ["b", "a", false], ["c", "b", false], ["d", "c"])).toEqual({
    a: "d",
    b: "d",
    c: "d",
  });
});

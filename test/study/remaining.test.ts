import { expect, test } from "vitest";
import { Remaining } from "../../harness/cli/progress.ts";

test("nothing is promised before the first epoch", () => {
  const remaining = new Remaining<string>(1);
  remaining.add("a", "mlp", 2);
  expect(remaining.ofTask("a")).toBeNull();
  expect(remaining.ofAll()).toBeNull();
});

test("the time in which the graph is recorded does not count for later epochs", () => {
  const remaining = new Remaining<string>(1);
  remaining.add("a", "mlp", 2);
  remaining.advance("a", 1, 10, 60_000);
  remaining.advance("a", 2, 10, 61_000);
  expect(remaining.ofTask("a")).toBe(18);
});

test("epochs from before an interruption do not make the pace look fast", () => {
  const remaining = new Remaining<string>(1);
  remaining.add("a", "mlp", 1);
  remaining.advance("a", 8, 10, 5_000);
  expect(remaining.ofTask("a")).toBeNull();
  remaining.advance("a", 9, 10, 7_000);
  expect(remaining.ofTask("a")).toBe(2);
});

test("waiting tasks are judged by their own kind, and lanes share the sum", () => {
  const remaining = new Remaining<string>(2);
  for (const task of ["a", "b", "c", "d"]) remaining.add(task, task < "c" ? "mlp" : "cnn", 1);
  remaining.advance("a", 1, 10, 0);
  remaining.advance("c", 1, 10, 0);
  remaining.advance("a", 2, 10, 1_000);
  remaining.advance("c", 2, 10, 4_000);
  expect(remaining.ofTask("b")).toBe(10);
  expect(remaining.ofTask("d")).toBe(40);
  expect(remaining.ofAll()).toBe((8 + 10 + 32 + 40) / 2);
  remaining.end("d");
  expect(remaining.ofTask("d")).toBe(0);
});

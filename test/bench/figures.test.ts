import { expect, test } from "vitest";
import { latencies } from "../../bench/load/latencies.ts";
import { mutated } from "../../bench/load/signed-mutations.ts";
import { replacePart } from "../../bench/load/written-part.ts";

test("half of the times are at most the median, and 95 of 100 at most p95", () => {
  const times = Array.from({ length: 100 }, (_, i) => (i * 37) % 100);
  expect(latencies(times)).toEqual({ count: 100, median: 49, p95: 94 });
  expect(latencies([7])).toEqual({ count: 1, median: 7, p95: 7 });
});

test("figures are written between their own lines, and nothing else is touched", () => {
  const markers = { begin: "<!-- here -->", end: "<!-- there -->" };
  const document = "a\n\n<!-- here -->\n\nold\n\n<!-- there -->\n\nb <!-- end -->\n";
  const written = replacePart(document, markers, "new\n");
  expect(written).toBe("a\n\n<!-- here -->\n\nnew\n\n<!-- there -->\n\nb <!-- end -->\n");
  expect(replacePart(written, markers, "new")).toBe(written);
  expect(() => replacePart("a\n", markers, "new")).toThrow("has lost its lines");
});

test("a mutated statement differs in one place, and is the same for the same number", () => {
  const statement = { key: "k", runs: [{ seed: 1, heads: [{ n: 2, final: 30 }] }], none: null };
  const whole = JSON.stringify(statement);
  for (let i = 0; i < 200; i++)
    expect(JSON.stringify(mutated(statement, i))).toBe(JSON.stringify(mutated(statement, i)));
  const changed = Array.from({ length: 200 }, (_, i) => JSON.stringify(mutated(statement, i)));
  expect(changed.filter((text) => text !== whole).length).toBeGreaterThan(190);
  expect(new Set(changed).size).toBeGreaterThan(40);
  expect(JSON.stringify(statement)).toBe(whole);
});

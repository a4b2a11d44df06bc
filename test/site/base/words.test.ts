import { expect, test } from "vitest";
import { STATES, type Standing, type State } from "../../../record/board/standing.ts";
import type { LogLeaf } from "../../../record/answers/documents.ts";
import {
  day,
  decimal,
  decimalInterval,
  duration,
  minute,
  percentInterval,
  plural,
  short,
} from "../../../site/charts/numbers.ts";
import { formatPercentInterval } from "../../../harness/format.ts";
import { leafWords } from "../../../site/components/base/log/leaf-table.ts";
import { STATE_HELP, stateWord, trustAddress } from "../../../site/data/state-words.ts";

test("numbers carry their interval, a typographic minus, and a dash where there is none", () => {
  const interval = { mean: -1.256, low: -1.5, high: -1.0124, count: 5 };
  expect(decimalInterval(interval)).toBe("−1.26 ± 0.24");
  expect(decimalInterval({ ...interval, low: null, high: null, count: 1 })).toBe("−1.26");
  expect(decimalInterval(null)).toBe("–");
  expect([decimal(-0.001), decimal(null), decimal(NaN)]).toEqual(["0.00", "–", "–"]);
});

test("an interval that rounding would make one of width zero says below what it is, on pages and in a terminal", () => {
  const narrow = { mean: 0.9999, low: 0.9998, high: 1.0, count: 8 };
  expect(percentInterval(narrow)).toBe("100.0 ± <0.1");
  expect(decimalInterval(narrow)).toBe("1.00 ± <0.01");
  expect(formatPercentInterval(narrow)).toBe("100.0 ± <0.1 %");
  expect(percentInterval({ ...narrow, low: 0.9, high: 1.0998 })).toBe("100.0 ± 10.0");
});

test("durations and counts are short and never off by their rounding", () => {
  expect([7.44, 59.98, 192, 7500, null].map(duration)).toEqual([
    "7.4 s",
    "1 min 00 s",
    "3 min 12 s",
    "2 h 05 min",
    "–",
  ]);
  expect([999, 9999, 12_345, 999_999, 11_173_962, 2.5e9].map(short)).toEqual([
    "999",
    "9,999",
    "12.3 k",
    "1 M",
    "11.2 M",
    "2.5 G",
  ]);
  expect([plural(1, "leaf", "leaves"), plural(1200, "leaf", "leaves"), plural(2, "run")]).toEqual([
    "1 leaf",
    "1,200 leaves",
    "2 runs",
  ]);
});

test("times are read in UTC", () => {
  expect([day("2026-03-01T23:59:59.000Z"), minute("2026-03-01T23:59:59.000Z")]).toEqual([
    "2026-03-01",
    "2026-03-01 23:59 UTC",
  ]);
});

test("every state has its word, its sentence and its paragraph", () => {
  expect(Object.keys(STATE_HELP)).toEqual([...STATES]);
  const reproductions = { agree: 2, disagree: 1, inconclusive: 0 };
  const word = (state: State, ...disputedFor: Standing["disputedFor"]) =>
    stateWord({ state, reproductions, disputedFor });
  expect(word("reproduced")).toBe("reproduced ×2");
  expect(word("challenged")).toBe("challenged");
  expect(word("disputed", "same-counts")).toBe("disputed: same counts");
  expect(word("disputed", "disagreement", "same-counts")).toBe(
    "disputed: disagreement, same counts",
  );
  expect(trustAddress("quarantined")).toBe("/trust/#quarantined");
});

test("a leaf says what happened, in the operator's case what was decided", () => {
  const [digest, subject] = ["a".repeat(64), "b".repeat(64)];
  const leaf: LogLeaf = {
    kind: "result",
    digest,
    index: 3,
    at: "2026-03-01T12:00:00.000Z",
    reason: null,
    action: null,
    subject: null,
    entry: digest,
  };
  expect(leafWords(leaf)).toBe("a result was accepted");
  const decision: LogLeaf = {
    ...leaf,
    kind: "moderation",
    entry: subject,
    action: "quarantine",
    subject,
    reason: "spam",
  };
  expect(leafWords(decision)).toBe("the operator quarantined an entry");
  expect(leafWords({ ...decision, entry: digest })).toBe(
    "the operator quarantined a reproduction of an entry",
  );
  expect(leafWords({ ...decision, action: "note", entry: null })).toBe(
    "the operator noted something on a protocol",
  );
});

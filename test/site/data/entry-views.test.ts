import { expect, test } from "vitest";
import type { RunMetrics } from "../../../record/metrics-schema.ts";
import { intervalCell } from "../../../site/data/interval-cell.ts";
import { entryAddress } from "../../../site/data/entry-address.ts";
import { harnessWords, refitMinusFrozen } from "../../../site/components/entry/entry-section.ts";
import { tapTitles } from "../../../site/components/entry/entry-figures.ts";
import { about, digest } from "./rows.ts";

test("a cell tells its interval, a single seed, and why there is no number", () => {
  expect(intervalCell(about(0.412), "Complexity", "%", null)).toEqual({
    text: "41.2 ± 1.0",
    help: "Complexity 41.2 %. 95 % t-interval over 8 seeds: 40.2 to 42.2 %.",
  });
  expect(intervalCell(about(0.4, null), "Gap", "points", null).help).toContain("single seed");
  expect(intervalCell(null, "Gap", "points", "2 of 8 diverged")).toEqual({
    text: "–",
    help: "2 of 8 diverged",
  });
});

test("an entry newer than the build leads to the page that fetches it", () => {
  const row = { entry: digest(1), receivedAt: "2026-03-02T00:00:00Z" };
  expect(entryAddress(row, "2026-03-02T00:00:00Z")).toBe(`/entries/${digest(1)}/`);
  expect(entryAddress(row, "2026-03-01T00:00:00Z")).toBe(`/entries/?id=${digest(1)}`);
  expect(entryAddress(row, null)).toBe(`/entries/?id=${digest(1)}`);
});

test("taps have the architecture's names, and numbers where those are not known", () => {
  expect(tapTitles("resnet-18", 5)).toEqual(["stem", "stage 1", "stage 2", "stage 3", "stage 4"]);
  expect(tapTitles("something-of-mine", 2)).toEqual(["tap 1", "tap 2"]);
});

test("what training added is refit minus refit, run by run, and void where a run lacks one", () => {
  const run = (refitComplexity: number | null, frozenComplexity: number | null) =>
    ({ refitComplexity, frozenComplexity }) as RunMetrics;
  const added = refitMinusFrozen({ metrics: [run(0.6, 0.5), run(0.7, 0.6), run(0.8, 0.7)] })!;
  expect(added.mean).toBeCloseTo(0.1, 12);
  expect(added.high! - added.low!).toBeCloseTo(0, 12); // paired: the runs' own spread is not in it
  expect(refitMinusFrozen({ metrics: [run(0.6, 0.5), run(null, 0.6)] })).toBeNull();
  expect(refitMinusFrozen({ metrics: [] })).toBeNull();
});

test("the harness is read from the signed bytes, with its commit and whether files were changed", () => {
  const envelope = (signed: unknown) => ({
    payloadType: "application/vnd.rademark.result+json" as never,
    payload: Buffer.from(JSON.stringify(signed)).toString("base64"),
    signatures: [],
  });
  const commit = "0f28024".padEnd(40, "0");
  const git = { commit, dirty: true };
  expect(harnessWords(envelope({ harness: { version: "0.1.0", git } }))).toBe(
    "0.1.0, commit 0f2802400000, with changed files (declared)",
  );
  expect(harnessWords(envelope({ harness: { version: "0.1.0", git: null } }))).toContain("outside");
  expect([harnessWords(null), harnessWords({ ...envelope({}), payload: "?" })]).toEqual([
    null,
    null,
  ]);
});

import { expect, test } from "vitest";
import { RANKED } from "../../../record/board/board-columns.ts";
import { rankBytes, readRank } from "../../../record/board/board-ranks.ts";
import { BoardRow } from "../../../record/board/board-row.ts";
import { measuredEntry } from "../../../record/board/measure-scores.ts";
import { entrySamples, fixedRow } from "../../../record/board/entry-row.ts";
import type { Run } from "../../../record/run.ts";
import { rankIntervals, tiers } from "../../../record/statistics/rank-intervals.ts";
import { sampleOf } from "../../../record/statistics/t-interval.ts";
import { aResult, alice, idOf } from "../../world/statements.ts";
import { aWholeDivergedRun, micro } from "../../world/runs.ts";
import { type ListedEntry, representativeOf } from "../../../record/board/representative.ts";

const result = aResult();
const receipt = { id: idOf(result), receivedAt: new Date("2026-01-02T03:04:05.678Z") };

test("a row needs nothing but signer, standing and rank beside what is settled", () => {
  const note = { kind: "dirty-checkout", text: "A note.", entry: null } as const;
  const row = fixedRow(result, receipt, micro, [note]);
  const standing = {
    state: "challenged",
    reproductions: { agree: 0, disagree: 0, inconclusive: 0 },
    selfReproduced: false,
    challenges: { byKey: { issued: 1, completed: 1 }, byAnybody: { issued: 1, completed: 1 } },
    challengers: null,
    reason: null,
    supersededBy: null,
    disputedFor: [],
    weighs: true,
    sameCountsAs: null,
  };
  const signer = { key: alice.key, name: null };
  const later = { counted: true, representedBy: null, rank: null };
  const whole = { ...row, signer, standing, ...later };
  expect(BoardRow.parse(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
  expect(row).toMatchObject({
    entry: receipt.id,
    custom: false,
    params: 1_841_162,
    panel: 5,
    fresh: 3,
    divergence: null,
    notes: [note],
    receivedAt: "2026-01-02T03:04:05.678Z",
  });
  expect(row.numbers.capacity!.mean).toBeCloseTo((2000.25 / 2500 - 0.01) / 0.99, 12);
  expect(row.numbers.selectivity!.mean).not.toBeNull();
  expect([row.equivalentWidthBound, row.selectivityP !== null]).toEqual([null, true]);
  expect(row.numbers.effectiveRank).toMatchObject({ mean: 80, count: 8 });
  expect(row.numbers.seconds!.mean).toBeCloseTo(13, 12);
});

test("the samples behind the ranks are the means that the row shows", () => {
  const { numbers } = fixedRow(result, receipt, micro, []);
  for (const [name, sample] of Object.entries(entrySamples(result, micro))) {
    const estimate = numbers[name as keyof typeof numbers]!;
    expect(sample).toMatchObject({ mean: estimate.mean, count: estimate.count });
    expect(sample!.variance).toBeGreaterThanOrEqual(0);
  }
});

test("one diverged run takes the samples and says so in the row", () => {
  const diverged = { ...result, fresh: [...result.fresh, aWholeDivergedRun({ seed: 5 })] };
  expect(Object.values(entrySamples(diverged, micro))).toEqual(RANKED.map(() => null));
  const row = fixedRow(diverged, receipt, micro, []);
  expect(row.divergence).toBe("1 of 9 diverged");
  expect(row.numbers.learnedComplexity).toBeNull();
  const empty = { ...result, panel: [], fresh: [] };
  expect(Object.values(entrySamples(empty, micro))).toEqual(RANKED.map(() => null));
});

test("an equivalent width with bounds of both kinds is unknown and not ranked, with bounds of one kind it is", () => {
  const withCount = (run: Run, count: number) => {
    const changed = structuredClone(run);
    const headline = changed.controls!.refit.findLast(({ n }) => n === micro.headline)!;
    headline.redraws = headline.redraws.map(() => count);
    return changed;
  };
  const [first, second, ...rest] = result.panel;
  const atMost = { ...result, panel: [withCount(first!, 0), second!, ...rest] };
  expect(fixedRow(atMost, receipt, micro, []).equivalentWidthBound).toBe("at most");
  expect(entrySamples(atMost, micro).equivalentWidth).not.toBeNull();
  const both = { ...result, panel: [withCount(first!, 0), withCount(second!, 2500), ...rest] };
  expect(fixedRow(both, receipt, micro, []).equivalentWidthBound).toBe("unknown");
  expect(entrySamples(both, micro).equivalentWidth).toBeNull();
  expect(entrySamples(both, micro).capacity).not.toBeNull();
  const measuresOf = (each: typeof result) => measuredEntry("id", each, micro).measures;
  expect(measuresOf(both).equivalentWidth).toBeNull();
  expect(measuresOf(atMost).equivalentWidth).not.toBeNull();
});

test("ranks come back from their bytes, and zeros are none", () => {
  const samples = [sampleOf([0.5, 0.51]), null, sampleOf([0.1, 0.11]), sampleOf([0.9, 0.91])];
  for (const order of ["ascending", "descending"] as const) {
    const bytes = rankBytes(samples, order);
    expect(bytes.length).toBe(48);
    const intervals = rankIntervals(samples, order);
    const numbers = tiers(intervals);
    const ranks = samples.map((_, i) => readRank(bytes.subarray(12 * i, 12 * i + 12)));
    expect(ranks).toEqual(intervals.map((each, i) => each && { ...each, tier: numbers[i] }));
  }
  expect(Array.from(rankBytes([sampleOf([1, 2])], "ascending"))).toEqual([
    ...[1, 0, 0, 0],
    ...[1, 0, 0, 0],
    ...[1, 0, 0, 0],
  ]);
  expect(readRank(new Uint8Array())).toBeNull();
});

const listed = (id: string, changes: Partial<ListedEntry> = {}): ListedEntry => {
  const plain = { isChallenged: false, stands: true, isSuperseded: false, supersedes: null };
  return { id, ...plain, ...changes };
};
const challenged = { isChallenged: true };
const gone = { stands: false };

test("the first in the log stands for its configuration, however many come later", () => {
  const copies = Array.from({ length: 50 }, (_, i) => listed(`copy ${i}`));
  expect(representativeOf([listed("first"), ...copies])).toBe("first");
  expect(representativeOf([])).toBeNull();
});

test("who completed a challenge comes before who did not, and of those the first", () => {
  const rows = [listed("plain"), listed("fresh", challenged), listed("later", challenged)];
  expect(representativeOf(rows)).toBe("fresh");
});

test("what was taken back or replaced stands for nothing", () => {
  const rows = [listed("wrong", { ...gone, ...challenged }), listed("next"), listed("last")];
  expect(representativeOf(rows)).toBe("next");
  expect(representativeOf([listed("wrong", gone)])).toBeNull();
});

test("a replacement keeps the place of what it replaces, so that a copy of it gains nothing", () => {
  const rows = [
    listed("first", { isSuperseded: true }),
    listed("copy"),
    listed("second", { supersedes: "first", isSuperseded: true }),
    listed("third", { supersedes: "second" }),
  ];
  expect(representativeOf(rows)).toBe("third");
});

test("the place is handed on behind a replacement that was taken back", () => {
  const rows = [
    listed("first", { isSuperseded: true }),
    listed("copy"),
    listed("wrong", { supersedes: "first", ...gone }),
    listed("third", { supersedes: "wrong" }),
  ];
  expect(representativeOf(rows)).toBe("third");
});

test("no place comes from what does not stand, nor one among challenges from what completed none", () => {
  const quarantined = [
    listed("invented", gone),
    listed("honest"),
    listed("again", { supersedes: "invented" }),
  ];
  expect(representativeOf(quarantined)).toBe("honest");
  const squatted = [
    listed("squatted", { isSuperseded: true }),
    listed("honest", challenged),
    listed("again", { supersedes: "squatted", ...challenged }),
  ];
  expect(representativeOf(squatted)).toBe("honest");
});

test("a hundred thousand replacements of replacements are looked at once each", () => {
  const rows = Array.from({ length: 100_000 }, (_, i) =>
    listed(String(i), { supersedes: i === 0 ? null : String(i - 1), isSuperseded: i < 99_999 }),
  );
  const start = performance.now();
  expect(representativeOf(rows)).toBe("99999");
  expect(performance.now() - start).toBeLessThan(5000); // each against each would take minutes
});

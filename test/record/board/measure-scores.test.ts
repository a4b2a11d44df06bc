import { expect, test } from "vitest";
import { MeasuresDocument } from "../../../record/answers/documents.ts";
import {
  MEASURE_NAMES,
  type MeasuredEntry,
  measureScores,
  measuredEntry,
  wholeMeasures,
} from "../../../record/board/measure-scores.ts";
import { MEASURE_NUMBER_NAMES } from "../../../record/measure-numbers.ts";
import { outcome } from "../../../record/summary.ts";
import { aResult } from "../../world/statements.ts";
import { aWholeDivergedRun, aWholeRun, micro, someMeasures } from "../../world/runs.ts";

const id = "a".repeat(64);
const result = aResult();

test("an entry's measures are means over its runs, as the counts give them", () => {
  const { gap, width, measures } = measuredEntry(id, result, micro);
  const [first, ...rest] = [...result.panel, ...result.fresh];
  const { summary } = outcome([first!, ...rest], micro);
  expect(gap).toBe(summary.gap!.mean);
  expect(measures.learnedComplexity).toBe(summary.learnedComplexity!.mean);
  expect(measures.capacity).toBe(summary.capacity!.mean);
  expect(measures.equivalentWidth).toBe(summary.equivalentWidth!.mean);
  expect(width).toBe(512);
  expect(measures.effectiveRank).toBe(80);
  expect(measures.params).toBe(1_841_162);
  // 30 epochs of 4000 nats over 2500 samples
  expect(measures.cumulativeLoss).toBeCloseTo(30 * 1.6, 9);
  // 25 of 2500 labels of 100: chance
  expect(measures.onlineComplexity).toBeCloseTo(0, 12);
  expect(measures.epochsToLearn).toBeNull();
});

test("the task counts as learned in the first epoch that passes 90 %", () => {
  const [epoch] = result.panel[0]!.epochs;
  const epochs = [1000, 2250, 2251, 2400].map((correct) => ({ ...epoch!, correct }));
  const panel = [aWholeRun({ epochs })];
  expect(measuredEntry(id, { ...result, panel, fresh: [] }, micro).measures.epochsToLearn).toBe(3);
});

test("one diverged run leaves the parameters alone", () => {
  const fresh = [aWholeDivergedRun({ seed: 9 })];
  const { gap, width, measures } = measuredEntry(id, { ...result, fresh }, micro);
  expect([gap, width]).toEqual([null, null]);
  const present = MEASURE_NAMES.filter((name) => measures[name] !== null);
  expect(present).toEqual(["params"]);
});

test("further measures are means over runs, and none where a run was trained without them", () => {
  const runs = [-0.75, -0.25].map((margin) =>
    aWholeRun({ measures: { ...someMeasures(), margin } }),
  );
  const { measures } = measuredEntry(id, { ...result, panel: runs, fresh: [] }, micro);
  expect(measures).toMatchObject({ margin: -0.5, mixupAccuracy: 0.78, canaryFit: null });
  const without = { ...result, panel: [...runs, aWholeRun()], fresh: [] };
  const some = measuredEntry(id, without, micro).measures;
  expect(MEASURE_NUMBER_NAMES.filter((name) => some[name] !== null)).toEqual([]);
  expect(some.capacity).not.toBeNull();
});

test("an entry that was stored when there were fewer measures has none of the others", () => {
  const whole = wholeMeasures({ params: 7, capacity: 0.5 });
  expect(Object.keys(whole)).toEqual(MEASURE_NAMES);
  const present = MEASURE_NAMES.filter((name) => whole[name] !== null);
  expect(present).toEqual(["params", "capacity"]);
});

function anEntry(i: number, changes: Partial<MeasuredEntry["measures"]> = {}): MeasuredEntry {
  const measures = Object.fromEntries(MEASURE_NAMES.map((name) => [name, i]));
  return {
    entry: i.toString(16).padStart(64, "0"),
    arch: `mlp-${i + 1}`,
    regs: "none",
    gap: i / 1000,
    width: 64 + (i % 4),
    measures: { ...(measures as MeasuredEntry["measures"]), ...changes },
  };
}

test("scores tell which measure orders the gap, which reverses it and which says nothing", async () => {
  const entries = Array.from({ length: 9 }, (_, i) =>
    anEntry(i, { bits: -i, params: 7, trainLoss: i === 3 ? null : (i * 5) % 9 }),
  );
  const scores = await measureScores(entries);
  const document = {
    protocol: { id, name: "micro-1" },
    entries: 9,
    configurations: 9,
    measures: scores,
  };
  expect(MeasuresDocument.parse(document)).toEqual(document);
  const of = (name: string) => scores.find((score) => score.name === name)!;
  expect(of("learnedComplexity")).toMatchObject({ tau: 1, low: 1, high: 1, entries: 9, pairs: 36 });
  expect(of("bits")).toMatchObject({ tau: -1, low: -1, high: -1 });
  expect(of("params")).toMatchObject({ tau: null, low: null, high: null, entries: 9 });
  expect(of("trainLoss")).toMatchObject({ entries: 8, pairs: 28, architectures: 8 });
  // a measure whose order is the gap's has it given the controls, too; a control itself has nothing left
  expect(of("capacity")).toMatchObject({ partialTau: 1, partialEntries: 8 });
  expect(of("trainLoss").partialTau).toBeNull();
  expect(of("params").partialTau).toBeNull();
});

test("configurations of seven architectures have a tau and no interval, however many", async () => {
  const entries = Array.from({ length: 21 }, (_, i) => ({ ...anEntry(i), arch: `mlp-${i % 7}` }));
  const [params] = await measureScores(entries);
  expect(params).toMatchObject({ tau: 1, low: null, high: null, architectures: 7, entries: 21 });
});

test("without width or train loss, or where one of them is constant, there is no partial tau", async () => {
  const entries = Array.from({ length: 9 }, (_, i) => anEntry(i, { trainLoss: (i * 5) % 9 }));
  const partial = async (changed: readonly MeasuredEntry[]) =>
    (await measureScores(changed))[1]!.partialTau;
  expect(await partial(entries)).toBe(1);
  expect(await partial(entries.map((each) => ({ ...each, width: 64 })))).toBeNull();
  expect(await partial(entries.map((each) => ({ ...each, width: null })))).toBeNull();
  expect(await partial(entries.slice(2))).toBeNull(); // seven are too few
});

test("what is made of train accuracy or train loss is coupled to the gap, and every measure says why", async () => {
  const scores = await measureScores([]);
  expect(scores.filter(({ coupled }) => coupled).map(({ name }) => name)).toEqual([
    "cumulativeLoss",
    "epochsToLearn",
    "trainLoss",
    ...["margin", "spectralProductOverMargin", "frobeniusProductOverMargin", "pathNormOverMargin"],
    ...["sharpness", "pacBayes", "mixupAccuracy", "noisyLabelFit", "canaryFit"],
  ]);
  expect(scores.every(({ couplingReason }) => couplingReason.endsWith("."))).toBe(true);
});

test("of many entries 500 points are shown, first and last among them", async () => {
  const entries = Array.from({ length: 1234 }, (_, i) => ({
    ...anEntry(i),
    arch: `mlp-${i % 9}`,
  }));
  const { points, entries: count } = (await measureScores(entries))[0]!;
  expect(count).toBe(1234);
  expect(points.length).toBe(500);
  expect(new Set(points.map(({ entry }) => entry)).size).toBe(500);
  expect([points[0]!.measure, points.at(-1)!.measure]).toEqual([0, 1233]);
});

test("no entries, no scores, no error", async () => {
  const scores = await measureScores([]);
  expect(scores.every(({ tau, points }) => tau === null && points.length === 0)).toBe(true);
});

test("others are let in many times while scores are computed", async () => {
  const entries = Array.from({ length: 20 }, (_, i) => anEntry(i));
  let pauses = 0;
  await measureScores(entries, () => Promise.resolve(void (pauses += 1)));
  expect(pauses).toBeGreaterThan(100);
});

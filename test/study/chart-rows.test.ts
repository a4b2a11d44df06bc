import { expect, test } from "vitest";
import {
  arrowsRows,
  complexityGapRows,
  depthRows,
  learningCurvesRows,
} from "../../harness/study/chart-rows.ts";
import { onlineComplexity } from "../../harness/study/configurations-table.ts";
import { readStudy } from "../../harness/study/trained.ts";
import { aDivergedRun, aGrid, aLearnedRun } from "../world/runs.ts";
import { aFolder, writeSweepFolder } from "../world/run-folders.ts";

const studyOf = (...groups: Parameters<typeof writeSweepFolder>[1]) =>
  readStudy(writeSweepFolder(aFolder(), groups));

const run = aLearnedRun("mlp-256", "rl=10", 1, 0.8);
/** Places of the last tap's heads at n = 100: draw 0 is suppressed, draw 1 is free. */
const at100 = run.heads!.flatMap(({ tap, n }, i) => (tap === 2 && n === 100 ? [i] : []));
const normalized = (count: number, n: number) => (count / 2500 - 1 / n) / (1 - 1 / n);

test("a learning curve is counted from the batches of each epoch, the suppressed draw apart", () => {
  const study = studyOf([run]);
  const [row] = learningCurvesRows(study);
  expect(row!.train[4]!.mean).toBeCloseTo(run.epochs[4]!.correct / 2500, 12);
  const curve = (kind: string) => row!.labels.find((each) => each.kind === kind)!;
  const [suppressed, free] = at100.map((i) => normalized(run.epochs[29]!.online[i]!, 100));
  expect(curve("suppressed").epochs[29]!.mean).toBeCloseTo(suppressed!, 12);
  expect(curve("headline").epochs[29]!.mean).toBeCloseTo(free!, 12);
  const online = onlineComplexity(study.configurations[0]!.outcome!, 100);
  expect(online!.mean).toBeCloseTo(free!, 12);
});

test("the depth chart shows refits at the headline n, on a scale from chance to everything", () => {
  const [row] = depthRows(studyOf([run]));
  const counted = run.controls!.refit.map(({ correct }) => normalized(correct, 100));
  expect(row!.refits[0]!.byTap.map((each) => each!.mean)).toEqual(
    counted.map((value) => expect.closeTo(value, 12) as number),
  );
  expect(row!.taps).toEqual(["hidden 1", "hidden 2"]);
});

test("arrows start at none; an architecture without it, or with nothing else, has none", () => {
  const [none, dropout] = aGrid(2);
  expect(arrowsRows(studyOf(none!, dropout!)).map(({ others }) => others.length)).toEqual([1]);
  expect(arrowsRows(studyOf(dropout!))).toEqual([]);
  expect(arrowsRows(studyOf(none!))).toEqual([]);
});

test("a configuration with a diverged run keeps its curves but has no place on the map", () => {
  const study = studyOf([run, aDivergedRun({ arch: "mlp-256", regs: "rl=10", seed: 2 })]);
  expect(complexityGapRows(study)[0]).toMatchObject({ complexity: null, gap: null, seeds: 1 });
  const [row] = learningCurvesRows(study);
  expect(row).toMatchObject({ completed: 1, diverged: 1 });
  expect(row!.train).toHaveLength(30);
  expect(depthRows(study)).toEqual([]);
});

import { expect, test } from "vitest";
import { entrySeries } from "../../../record/answers/entry-series.ts";
import { runMetrics } from "../../../record/metrics.ts";
import type { Run } from "../../../record/run.ts";
import { summarize } from "../../../record/summary.ts";
import { aDivergedRun, aLearnedRun, micro } from "../../world/runs.ts";

const seriesOf = (panel: Run[], fresh: Run[]) => {
  const runs = [...panel, ...fresh];
  const metrics = runs.map((run) => runMetrics(run, micro));
  const row = { arch: "cnn-16", regs: "none", code: null };
  return entrySeries({ row, summary: summarize(runs, micro), panel, fresh, metrics }, micro);
};

test("series are means over panel and fresh runs, of the last tap's heads, beside those on the frozen trunk", () => {
  const runs = [1, 2, 3].map((seed) => aLearnedRun("cnn-16", "none", seed, 0.6));
  for (const [i, run] of runs.entries())
    run.epochs = run.epochs.map((epoch) => ({
      ...epoch,
      frozenOnline: epoch.frozenOnline.map(() => 1000 + i),
    }));
  const series = seriesOf(runs.slice(0, 2), runs.slice(2));
  const chance = 1 / micro.headline;
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  const rescaled = (share: number) => (share - chance) / (1 - chance);
  const places = runs[0]!.heads!.flatMap(({ tap, n }, place) =>
    tap === 3 && n === micro.headline ? [place] : [],
  );
  const online = runs.map(({ epochs }) => {
    const { online, seen } = epochs.at(-1)!;
    return mean(places.map((place) => online[place]! / seen));
  });
  expect(mean(online)).toBeGreaterThan(0.5);
  expect(series.heads.at(-1)).toBeCloseTo(rescaled(mean(online)), 4);
  expect(series.heads[0]).toBeLessThan(0.01);
  const frozen = 1001 / runs[0]!.epochs[0]!.seen;
  expect(series.frozenHeads).toHaveLength(micro.epochs);
  expect(series.frozenHeads[0]).toBeCloseTo(rescaled(frozen), 4);
  expect(series.taps.map(({ name }) => name)).toEqual(["stage 1", "stage 2", "stage 3"]);
  const [first, , last] = series.taps;
  expect(first!.heads).toBeLessThan(last!.heads!);
  expect(first!.frozenHeads).toBeNull();
  expect(last!.frozenRefits).toBeLessThan(last!.refits!);
});

test("a diverged run is counted and left out, and without a finished epoch there are no curves", () => {
  const [run, diverged] = [aLearnedRun("cnn-16", "none", 1, 0.6), aDivergedRun({ arch: "cnn-16" })];
  const series = seriesOf([{ ...diverged, seed: 2 }, run], []);
  expect(series).toMatchObject({ completed: 1, diverged: 1 });
  expect(series.heads).toEqual(seriesOf([run], []).heads);
  const none = seriesOf([{ ...diverged, epochs: [] }], []);
  expect(none).toMatchObject({ completed: 0, train: [], heads: [], testAccuracy: null });
});

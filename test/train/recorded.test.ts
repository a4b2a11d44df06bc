import { expect, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { evaluateRun } from "../../harness/train/run-seed.ts";
import { type TinyOptions, stateOf, tinyTrainer, trainSteps } from "./tiny.ts";

const ARCHS = ["mlp-16", "cnn-4", "vgg-11", "resnet-20", "wrn-10-1", "vit-ti-8", "mixer-s-8"];
const REGS = [
  "none",
  "wd=0.005",
  "dropout=0.5",
  "ls=0.1",
  "aug",
  "cutout=8",
  "mixup=0.2",
  "cutmix=1",
  "sam=0.05",
  "rl=10",
  "noise=0.3",
  "wd=0.01,dropout=0.2,ls=0.1,aug,cutout=4,mixup=0.2,cutmix=1,sam=0.1,rl=1@1,noise=0.1",
];

/** Two steps, then evaluation. */
async function after(arch: string, regs: string, options: TinyOptions, seed: number) {
  const trainer = tinyTrainer(arch, regs, options);
  trainer.start(seed);
  await trainSteps(trainer, 0, 0, 2);
  const counted = trainer.counted(2);
  await trainer.calibrate();
  const state = stateOf(trainer);
  const evaluation = await evaluateRun(trainer);
  trainer.close();
  return { counted, state, evaluation };
}

/** Largest difference as a share of the largest entry; entries that are tiny altogether cancel, so not below 0.01. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [top, apart] = [0.01, 0];
  for (let i = 0; i < b.length; i++) {
    top = Math.max(top, Math.abs(b[i]!));
    apart = Math.max(apart, Math.abs(a[i]! - b[i]!));
  }
  return a.length === b.length ? apart / top : NaN;
}

/** Counts have to be the same. @returns the largest difference of all variables and of the last features. */
async function apart(arch: string, regs: string, options: TinyOptions, seed: number) {
  const graph = await after(arch, regs, options, seed);
  const eager = await after(arch, regs, { ...options, open: runEagerly }, seed);
  const { lossSum, ...counts } = graph.counted;
  expect(counts).toEqual({ ...eager.counted, lossSum: undefined });
  expect(lossSum / eager.counted.lossSum).toBeCloseTo(1, 4);
  const variables = [...eager.state].map(([name, values]) =>
    distance(graph.state.get(name)!, values),
  );
  const features = (run: typeof graph) => run.evaluation.features.at(-1)!.values;
  return Math.max(...variables, distance(features(graph), features(eager)));
}

/**
 * An activation that rounding puts on the other side of its ReLU moves a gradient by a hundredth, so one seed in
 * some dozens may differ. Another seed then has to agree; a wrong gradient is wrong with every seed.
 */
async function compare(arch: string, regs: string, options: TinyOptions = {}) {
  if ((await apart(arch, regs, options, 3)) < CLOSE) return;
  expect(await apart(arch, regs, options, 4)).toBeLessThan(CLOSE);
}
const CLOSE = 2e-4;

test.each(ARCHS.flatMap((arch) => REGS.map((regs) => ({ arch, regs }))))(
  "the recorded step of $arch with $regs is the eager one",
  ({ arch, regs }) => compare(arch, regs),
);

test.each([
  { perClass: true },
  { headLayers: 2 as const },
  { headInput: "raw" as const, headLayers: 2 as const },
])("the recorded step of ablation %j is the eager one", (ablations) =>
  compare("cnn-4", "rl=1", { ablations }),
);

import { expect, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { MIXER_SIZES } from "../../harness/model/mixer.ts";
import { RESNET_SHAPES } from "../../harness/model/resnet.ts";
import { VGG_11 } from "../../harness/model/trunk.ts";
import { VIT_SIZES } from "../../harness/model/vit.ts";
import { evaluateRun } from "../../harness/train/evaluation.ts";
import { type TinyOptions, stateOf, tinyProtocol, tinyTrainer, trainSteps } from "./tiny.ts";

const ARCHS = ["mlp-16", "cnn-4", "vgg-11", "resnet-20", "wrn-10-1", "vit-ti-8", "mixer-s-8"];
const ALL = "wd=0.01,dropout=0.2,ls=0.1,aug,cutout=4,mixup=0.2,cutmix=1,sam=0.1,rl=1@1,noise=0.1";
/** Its masks differ from block to block, so depth matters to it. */
const DROPOUT = "dropout=0.5";
/** They reach into the trunk, or into the gradients that come out of it. */
const IN_TRUNK = [DROPOUT, "rl=10", ALL];
/** They act on images, targets or updates, whatever the trunk: one trunk is enough, and all at once every one has them. */
const OUTSIDE = [
  ...["none", "wd=0.005", "ls=0.1", "aug", "cutout=8", "mixup=0.2", "cutmix=1", "sam=0.05"],
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

const VGG_WIDTHS = [[8], [8], [12, 12], [16, 16], [16, 16]];
const RESNET_WIDTHS = { widths: [4, 6, 8] };
const VIT_WIDTHS = { width: 24, heads: 3 };
const MIXER_WIDTHS = { width: 32, tokenHidden: 8, channelHidden: 48 };

/** Shapes that four families take instead of their own: each kind of block, once; and as deep as they are. */
const NARROW: readonly [shapes: object, shallow: object, deep: object][] = [
  [VGG_11, VGG_WIDTHS, VGG_WIDTHS],
  [
    RESNET_SHAPES,
    { 20: { ...RESNET_WIDTHS, blocks: 1 } },
    { 20: { ...RESNET_SHAPES[20], ...RESNET_WIDTHS } },
  ],
  [VIT_SIZES, { ti: { ...VIT_WIDTHS, depth: 4 } }, { ti: { ...VIT_SIZES.ti, ...VIT_WIDTHS } }],
  [MIXER_SIZES, { s: { ...MIXER_WIDTHS, depth: 4 } }, { s: { ...MIXER_SIZES.s, ...MIXER_WIDTHS } }],
];

/** Those that the heads on the frozen trunk see; the rest would compare the same nodes again. */
const FROZEN = ["mixup=0.2", "sam=0.05", ALL];
const options = (regs: string) => ({
  protocol: tinyProtocol({ frozenHeads: FROZEN.includes(regs) }),
});

/**
 * What a regularizer adds to a step is the same at any width and depth, and recording a deep network costs seconds: the
 * depths of the families are compared with dropout alone, and no width of theirs: a node is the same at each.
 */
async function atShapes(regs: string, body: () => Promise<void>) {
  const own = NARROW.map(([shapes]) => ({ ...shapes }));
  for (const [shapes, shallow, deep] of NARROW)
    Object.assign(shapes, regs === DROPOUT ? deep : shallow);
  await body().finally(() => NARROW.forEach(([shapes], i) => Object.assign(shapes, own[i])));
}

const grid = (archs: readonly string[], regs: readonly string[]) =>
  archs.flatMap((arch) => regs.map((each) => ({ arch, regs: each })));

test.each([...grid(ARCHS, IN_TRUNK), ...grid(["mlp-16"], OUTSIDE)])(
  "the recorded step of $arch with $regs is the eager one",
  ({ arch, regs }) => atShapes(regs, () => compare(arch, regs, options(regs))),
);

test.each([
  { perClass: true },
  { headLayers: 2 as const },
  { headInput: "raw" as const, headLayers: 2 as const },
])("the recorded step of ablation %j is the eager one", (ablations) =>
  compare("cnn-4", "rl=1", { ablations }),
);

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { tf } from "../../harness/engine/tensorflow.ts";
import { MIXER_SIZES } from "../../harness/model/mixer.ts";
import { RESNET_SHAPES } from "../../harness/model/resnet.ts";
import { VGG_11 } from "../../harness/model/trunk.ts";
import { VIT_SIZES } from "../../harness/model/vit.ts";
import { parseArchitecture } from "../../record/architecture.ts";
import { ControlMeter } from "../../harness/measure/controls.ts";
import { frobeniusNorm, spectralNorm } from "../../harness/measure/matrix-norms.ts";
import { evaluateRun } from "../../harness/train/evaluation.ts";
import { foldedLayers, foldedPass } from "../../harness/train/folded-network.ts";
import {
  layerNorms,
  layerWeights,
  marginOf,
  measureTrained,
  pathNorm,
  tenthPercentile,
} from "../../harness/train/measuring.ts";
import { NOISE_INPUTS, hasPathNorm, noisyPass } from "../../harness/train/measure-program.ts";
import { runFiles } from "../../harness/train/run-files.ts";
import { runSeed } from "../../harness/train/run-seed.ts";
import { Trainer } from "../../harness/train/trainer.ts";
import { evaluationPass, forward, normConstants } from "../../harness/train/training-network.ts";
import { canonicalConfiguration, NO_ABLATIONS } from "../../record/configuration.ts";
import { Run } from "../../record/run.ts";
import { PURPOSE } from "../../record/random.ts";
import { type TinyOptions, tinyProtocol, tinyTrainer, trainSteps } from "./tiny.ts";

/** Nothing is recorded, which would take longer than what is looked at. */
const EAGER = { open: runEagerly };

const never = () => Promise.resolve(false);

function opened(arch: string, regs: string, options: TinyOptions = {}): Trainer {
  const trainer = tinyTrainer(arch, regs, { measures: true, ...options });
  onTestFinished(() => trainer.close());
  return trainer;
}

/** A trainer after an epoch of five steps, with BatchNorm statistics that are not those of the start. */
async function trained(arch: string, regs = "none", options: TinyOptions = {}): Promise<Trainer> {
  const trainer = opened(arch, regs, options);
  trainer.start(3);
  await trainSteps(trainer, 0, 0, trainer.steps);
  return trainer;
}

/** Shapes that these families take instead of their own until the test is over: each kind of block, once. */
function narrow(): void {
  const shapes: readonly [object, object][] = [
    [VGG_11, [[8], [8], [12, 12], [16, 16], [16, 16]]],
    [RESNET_SHAPES, { 20: { widths: [4, 6, 8], blocks: 1 } }],
    [VIT_SIZES, { ti: { width: 24, depth: 4, heads: 3 } }],
    [MIXER_SIZES, { s: { width: 32, depth: 4, tokenHidden: 8, channelHidden: 48 } }],
  ];
  for (const [own, small] of shapes) {
    const before = { ...own };
    Object.assign(own, small);
    onTestFinished(() => void Object.assign(own, before));
  }
}

/** Of the layers, as a run measures them: the trained network, then the initial one. */
async function measuredLayers(trainer: Trainer) {
  const weights = layerWeights(trainer)!;
  trainer.restoreTrunk();
  await trainer.calibrate();
  return layerNorms(trainer, weights, never);
}

/** Values of the trunk and the class head by name, without `trunk/`. */
function weightsOf({ session, built }: Trainer): Map<string, Float32Array> {
  const { net } = built.network;
  const statistics = net.statistics.flatMap(({ mean, variance }) => [mean, variance]);
  const variables = [...net.parameters.map(({ variable }) => variable), ...statistics];
  const values = session.read(variables) as Float32Array[];
  return new Map(variables.map(({ name }, i) => [name.replace("trunk/", ""), values[i]!]));
}

/** Layers: matrices, and the diagonals of norms that no filter takes in. */
test.each([
  ["mlp-8", 3],
  ["cnn-4", 3 + 1],
  ["vgg-11", 8 + 1],
  ["resnet-20", 7 + 2 + 1],
  ["wrn-10-1", 7 + 2 + 7 + 1],
  ["vit-ti-8", 3 + 4 * 6 + 2],
  ["mixer-s-8", 1 + 4 * 6 + 2],
])(
  "the folded network of %s is the one that is evaluated, with %i layers",
  async (arch, layers) => {
    narrow();
    const trainer = await trained(arch, "none", EAGER);
    const { built, plan, session } = trainer;
    const { net } = built.network;
    const touched = new Set<string>();
    built.program.define("folded", {}, (_, scope) => {
      const folding = { net, architecture: plan.architecture };
      const pass = foldedPass(scope, folding, normConstants(plan.protocol), (value, variable) => {
        touched.add(variable.name);
        return value;
      });
      const [h, w] = [plan.protocol.image.height, plan.protocol.image.width];
      const images = tf.sin(tf.reshape(tf.range(0, 2 * h * w * 3), [2, h, w, 3]));
      const taps = built.network.trunk.forward(
        images,
        evaluationPass(scope, normConstants(plan.protocol)),
      );
      return {
        folded: forward(built.network, images, pass).logits,
        plain: built.network.classLogits(taps.at(-1)!, (variable) => scope.read(variable)),
      };
    });
    const { folded, plain } = session.run("folded");
    const largest = Math.max(...plain!.map(Math.abs));
    for (const [i, value] of folded!.entries())
      expect(Math.abs(value - plain![i]!) / largest).toBeLessThan(2e-5);
    // Every parameter but the scales that filters have taken in.
    const inFilters = foldedLayers(net, plan.architecture).filter(
      ({ norm, variable }) => norm !== null && norm.gamma !== variable,
    );
    expect(touched.size).toBe(net.parameters.length - inFilters.length);
    expect(foldedLayers(net, plan.architecture).length).toBe(layers);
  },
);

const EPSILON = tinyProtocol().batchNorm.epsilon;

/** By hand, in float64: a filter with the scale of the BatchNorm behind it, and that one's shift. */
function folded(weights: Map<string, Float32Array>, filter: string, norm: string) {
  const [gamma, beta, mean, variance] = ["gamma", "beta", "running-mean", "running-variance"].map(
    (part) => weights.get(`${norm}/${part}`)!,
  );
  const scale = Array.from(gamma!, (g, c) => g / Math.sqrt(variance![c]! + EPSILON));
  const w = Array.from(weights.get(filter)!, (value, at) => value * scale[at % scale.length]!);
  return { w, shift: scale.map((s, c) => beta![c]! - s * mean![c]!) };
}

describe("the norms of layers", () => {
  test("an mlp's are those of its three matrices, its distances from those it started with", async () => {
    const trainer = opened("mlp-8", "none", EAGER);
    trainer.start(3);
    const before = weightsOf(trainer);
    await trainSteps(trainer, 0, 0, trainer.steps);
    const after = weightsOf(trainer);
    const layers = await measuredLayers(trainer);
    const names = ["dense1", "dense2", "class-head"].map((layer) => `${layer}/weights`);
    const columns = [8, 8, 10];
    expect(layers.length).toBe(3);
    for (const [i, layer] of layers.entries()) {
      const [now, then] = [after, before].map((weights) => weights.get(names[i]!)!);
      const moved = now!.map((value, k) => value - then![k]!);
      const spectral = (values: Float32Array) =>
        spectralNorm({ values, rows: values.length / columns[i]!, columns: columns[i]! });
      expect(frobeniusNorm(moved)).toBeGreaterThan(0.01);
      expect(layer.frobenius).toBeCloseTo(frobeniusNorm(now!), 5);
      expect(layer.frobeniusDistance).toBeCloseTo(frobeniusNorm(moved), 5);
      expect(layer.spectral).toBeCloseTo(spectral(now!), 5);
      expect(layer.spectralDistance).toBeCloseTo(spectral(moved), 5);
    }
  });

  test("a filter takes in the scale behind it, then and now", async () => {
    const trainer = await trained("cnn-4", "none", EAGER);
    const after = weightsOf(trainer);
    const layers = await measuredLayers(trainer);
    const before = weightsOf(trainer); // the initial trunk, calibrated
    expect(layers.length).toBe(4);
    for (const i of [0, 1, 2]) {
      const [now, then] = [after, before].map(
        (weights) => folded(weights, `conv${i + 1}/filter`, `norm${i + 1}`).w,
      );
      const { frobenius, frobeniusDistance } = layers[i]!;
      const moved = now!.map((value, k) => value - then![k]!);
      expect(frobenius / Math.hypot(...now!)).toBeCloseTo(1, 5);
      expect(frobeniusDistance / Math.hypot(...moved)).toBeCloseTo(1, 4);
    }
  });

  test("a BatchNorm before its convolution is a diagonal: of wrn each, in order", async () => {
    const trainer = await trained("wrn-10-1", "none", EAGER);
    const names = foldedLayers(trainer.built.network.net, trainer.plan.architecture);
    expect(names.slice(0, 5).map(({ variable, shape }) => [variable.name, shape])).toEqual([
      ["trunk/stem/filter", [27, 16]],
      ["trunk/group1/block1/norm1/gamma", null],
      ["trunk/group1/block1/conv1/filter", [144, 16]],
      ["trunk/group1/block1/norm2/gamma", null],
      ["trunk/group1/block1/conv2/filter", [144, 16]],
    ]);
    const after = weightsOf(trainer);
    const layers = await measuredLayers(trainer);
    const { w } = folded(
      new Map([...after, ["ones", new Float32Array(16).fill(1)]]),
      "ones",
      "group1/block1/norm1",
    );
    const { spectral, frobenius } = layers[1]!;
    expect(spectral / Math.max(...w.map(Math.abs))).toBeCloseTo(1, 5);
    expect(frobenius / Math.hypot(...w)).toBeCloseTo(1, 5);
  });

  test("nothing has moved before training", async () => {
    narrow();
    const trainer = opened("vit-ti-8", "none", EAGER);
    trainer.start(3);
    const layers = await measuredLayers(trainer);
    // embedding: norm, dense, norm; 4 blocks of norm, qkv, projection, norm, two dense; norm; class head
    expect(layers.length).toBe(3 + 4 * 6 + 2);
    for (const { spectralDistance, frobeniusDistance } of layers)
      expect([spectralDistance, frobeniusDistance]).toEqual([0, 0]);
  });
});

describe("path norm", () => {
  const squared = (values: Iterable<number>) => Array.from(values, (value) => value * value);

  /** [inputs] -> [outputs]: every input times its squared weight, and the squared bias. */
  const through = (x: number[], weights: Iterable<number>, bias: Iterable<number>) => {
    const [w, b] = [squared(weights), squared(bias)];
    return b.map((own, o) => x.reduce((sum, value, i) => sum + value * w[i * b.length + o]!, own));
  };
  const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);

  test("of an mlp it is the sum over all paths of the products of squared weights", async () => {
    const trainer = await trained("mlp-8", "none", EAGER);
    const weights = weightsOf(trainer);
    let x = Array.from({ length: 16 * 16 * 3 }, () => 1);
    for (const layer of ["dense1", "dense2", "class-head"])
      x = through(x, weights.get(`${layer}/weights`)!, weights.get(`${layer}/bias`)!);
    expect(pathNorm(trainer)! / total(x)).toBeCloseTo(1, 5);
  });

  test("of a cnn the same, with scales in the filters, shifts as biases, and pools as they are", async () => {
    const trainer = await trained("cnn-4", "none", EAGER);
    const weights = weightsOf(trainer);
    let [side, channels] = [16, 3];
    let x = Array.from({ length: side * side * channels }, () => 1);
    for (const i of [1, 2, 3]) {
      if (i > 1) [x, side] = [pooled(x, side, channels), side / 2];
      const { w, shift } = folded(weights, `conv${i}/filter`, `norm${i}`);
      x = convolved(x, { side, channels }, squared(w), squared(shift));
      channels = shift.length;
    }
    const mean = Array.from({ length: channels }, (_, c) => {
      return total(x.filter((_, at) => at % channels === c)) / side ** 2;
    });
    const scores = through(
      mean,
      weights.get("class-head/weights")!,
      weights.get("class-head/bias")!,
    );
    expect(pathNorm(trainer)! / total(scores)).toBeCloseTo(1, 4);
  });

  /** 3 x 3, zeros beyond the edge. */
  function convolved(
    x: number[],
    { side, channels }: { side: number; channels: number },
    w: number[],
    bias: number[],
  ): number[] {
    const outputs = bias.length;
    return Array.from({ length: side * side * outputs }, (_, at) => {
      const [o, column, row] = [
        at % outputs,
        Math.floor(at / outputs) % side,
        Math.floor(at / outputs / side),
      ];
      let sum = bias[o]!;
      for (const [dy, dx] of NINE) {
        const [y, c] = [row + dy, column + dx];
        if (y < 0 || c < 0 || y >= side || c >= side) continue;
        for (let i = 0; i < channels; i++)
          sum +=
            x[(y * side + c) * channels + i]! *
            w[(((dy + 1) * 3 + dx + 1) * channels + i) * outputs + o]!;
      }
      return sum;
    });
  }
  const NINE = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dy, dx] as const));

  function pooled(x: number[], side: number, channels: number): number[] {
    const half = side / 2;
    return Array.from({ length: half * half * channels }, (_, at) => {
      const c = at % channels;
      const [column, row] = [Math.floor(at / channels) % half, Math.floor(at / channels / half)];
      const at4 = [0, 1].flatMap((dy) =>
        [0, 1].map((dx) => x[((2 * row + dy) * side + 2 * column + dx) * channels + c]!),
      );
      return Math.max(...at4);
    });
  }
});

test("attention, mixing and operations of one's own have no path norm", () => {
  const has = (arch: string) => hasPathNorm({ architecture: parseArchitecture(arch) });
  expect(["mlp-8", "cnn-4", "vgg-11", "resnet-20", "wrn-16-1"].map(has)).not.toContain(false);
  expect(["vit-ti-8", "mixer-s-8", "custom:own@01234567"].map(has)).not.toContain(true);
});

test("a margin is the label's score minus the best other, negative where another is better", () => {
  const scores = Float32Array.of(1, 4, -2, 3.5);
  expect([1, 3, 0, 2].map((label) => marginOf(scores, label))).toEqual([0.5, -0.5, -3, -6]);
  expect(marginOf(Float32Array.of(2, 2), 0)).toBe(0);
});

test("the tenth percentile is NumPy's", () => {
  const values = (m: number) =>
    Float64Array.from({ length: m }, (_, k) => ((k * k * 37) % 101) - 40.5);
  expect(tenthPercentile(values(7))).toBeCloseTo(-30.9, 12);
  expect(tenthPercentile(values(11))).toBe(-24.5);
  expect(tenthPercentile(values(12))).toBeCloseTo(-24.2, 12);
  expect(tenthPercentile(Float64Array.of(3))).toBe(3);
});

test("the margin is of the scores that the evaluation predicts by, on the labels trained on", async () => {
  const trainer = await trained("mlp-8", "noise=0.5");
  const weights = weightsOf(trainer);
  const { evaluation, measures } = await measuredOnly(trainer);
  const [w, bias] = [weights.get("class-head/weights")!, weights.get("class-head/bias")!];
  const features = evaluation.features.at(-1)!.values;
  const margins = Float64Array.from(trainer.trainedClasses, (label, row) => {
    const z = features.subarray(8 * row, 8 * row + 8);
    const score = (c: number) => z.reduce((sum, x, i) => sum + x * w[10 * i + c]!, bias[c]!);
    return marginOf(
      Float32Array.from({ length: 10 }, (_, c) => score(c)),
      label,
    );
  });
  const right = margins.filter((margin) => margin > 0).length;
  expect(right).toBe(evaluation.final.trainCorrect);
  expect(measures.margin).toBeCloseTo(tenthPercentile(margins), 5);
});

test("flatness: the noise beside the last step down costs more than a tenth, the one above it no more", async () => {
  const trainer = await trained("mlp-8", "none", { protocol: tinyProtocol({ epochs: 12 }) });
  for (let epoch = 1; epoch < 12; epoch++) await trainSteps(trainer, epoch, 0, trainer.steps);
  const { measures, evaluation } = await measuredOnly(trainer);
  const { sigma, samples, correct } = measures.flatness;
  expect([samples, correct]).toEqual([40, evaluation.final.trainCorrect]);
  const accuracy = (sigma: number) => {
    let hits = 0;
    for (let draw = 0; draw < 5; draw++)
      for (const start of [0, 16, 32]) {
        const rows = Int32Array.from({ length: 16 }, (_, i) => Math.min(start + i, 39));
        const feeds = {
          rows,
          sigma: Float32Array.of(sigma),
          key: trainer.keyOf(PURPOSE.flatness, draw),
        };
        const found = trainer.session.run("classify-noisy", feeds)["class"]!;
        for (let i = 0; i < 16 && start + i < 40; i++)
          if (found[i] === trainer.trainedClasses[start + i]) hits++;
      }
    return hits / 200;
  };
  const least = correct / 40 - 0.1 - 1e-9;
  const half = 2 ** (1 / 32); // half a step of 1/16 octave
  expect(accuracy(sigma / half)).toBeGreaterThanOrEqual(least);
  expect(accuracy(sigma * half)).toBeLessThan(least);
  // log2 sigma is the middle of one of 256 parts of [-14, 2]
  const place = (Math.log2(sigma) + 14) * 16 - 0.5;
  expect(place).toBeCloseTo(Math.round(place), 4);
  expect(accuracy(4)).toBeLessThan(0.3);
});

test("the recorded measures of a cnn are the eager ones", async () => {
  const [graph, eager] = [await trained("cnn-4"), await trained("cnn-4", "none", EAGER)];
  const [recorded, plain] = [await measuredOnly(graph), await measuredOnly(eager)];
  const { margin, pathNorm, daviesBouldin, ...counts } = recorded.measures;
  expect(counts).toEqual({
    ...plain.measures,
    ...{ margin: undefined, pathNorm: undefined, daviesBouldin: undefined },
  });
  for (const [a, b] of [
    [margin, plain.measures.margin],
    [pathNorm!, plain.measures.pathNorm!],
    [daviesBouldin!, plain.measures.daviesBouldin!],
  ])
    expect(Math.abs(a! / b! - 1)).toBeLessThan(1e-3);
  const [ofGraph, ofEager] = [await measuredLayers(graph), await measuredLayers(eager)];
  for (const [i, layer] of ofGraph.entries())
    for (const name of ["spectral", "frobenius", "spectralDistance", "frobeniusDistance"] as const)
      expect(Math.abs(layer[name] / ofEager[i]![name] - 1)).toBeLessThan(1e-3);
});

test("images that are streamed give the measures of those in memory", async () => {
  const inMemory = await trained("mlp-8", "none", EAGER);
  const { plan, samples } = inMemory;
  const { train, test } = samples.resident!;
  const size = 16 * 16 * 3;
  const pixels = (split: "train" | "test", rows: Int32Array) => {
    const all = (split === "train" ? train : test) as Uint8Array;
    return Uint8Array.from(
      Array.from(rows).flatMap((row) => Array.from(all.subarray(row * size, (row + 1) * size))),
    );
  };
  const sizes = { stepsPerCall: 1, evaluateBatch: 16, streamed: true };
  const streamed = new Trainer(
    plan,
    { ...samples, resident: null, pixels },
    { ...sizes, ...EAGER },
  );
  onTestFinished(() => streamed.close());
  streamed.start(3);
  await trainSteps(streamed, 0, 0, streamed.steps);
  const { measures } = await measuredOnly(streamed);
  expect(measures).toEqual((await measuredOnly(inMemory)).measures);
  expect(measures.mixup.pairs).toBeGreaterThan(10);
});

/** Without the layers, so that the trained network stays in the session. */
async function measuredOnly(trainer: Trainer) {
  const evaluation = await evaluateRun(trainer);
  const { measures } = await measureTrained(trainer, evaluation, never);
  return { evaluation, measures };
}

test("noise has the asked size at every weight and bias, is the draw's own, and the same at every sigma", async () => {
  const trainer = await trained("cnn-4", "none", EAGER);
  const { built, plan, session } = trainer;
  const variables = built.network.net.parameters
    .map(({ variable }) => variable)
    .filter(({ name }) => name.endsWith("filter") || name.includes("class-head"));
  built.program.define("noise", NOISE_INPUTS, (given, scope) => {
    const pass = noisyPass(scope, built, plan, given);
    const still = noisyPass(scope, built, plan, { ...given, sigma: tf.scalar(0) });
    return Object.fromEntries(
      variables.map((variable) => [
        variable.name,
        tf.sub(pass.read(variable), still.read(variable)),
      ]),
    );
  });
  const noise = (sigma: number, draw: number) => {
    const key = trainer.keyOf(PURPOSE.flatness, draw);
    const made = session.run("noise", { sigma: Float32Array.of(sigma), key });
    return variables.flatMap(({ name }) => Array.from(made[name]!));
  };
  const [small, large, other] = [noise(0.5, 0), noise(50, 0), noise(0.5, 1)];
  const count = small.length;
  expect(count).toBe(108 + 288 + 1152 + 160 + 10);
  const square = small.reduce((sum, x) => sum + x * x, 0) / count;
  expect(Math.abs(square / 0.25 - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
  for (const [i, x] of small.entries()) expect(large[i]! / 100).toBeCloseTo(x, 4);
  const along = small.reduce((sum, x, i) => sum + x * other[i]!, 0) / count;
  expect(Math.abs(along / 0.25)).toBeLessThan(4 / Math.sqrt(count));
});

const folder = mkdtempSync(join(tmpdir(), "rademark-measuring-"));
const meter = new ControlMeter();
afterAll(() => {
  meter.close();
  rmSync(folder, { recursive: true });
});

/** Runs seed 5 until it is done, in a process that stops at each of these questions whether to. */
async function runWith(measures: boolean, stops: readonly number[] = []) {
  const { measures: controls } = tinyProtocol();
  const refit = { ...controls.refit, largestN: 10, redraws: 1, permutations: 0 };
  const protocol = tinyProtocol({ measures: { ...controls, refit } });
  const [arch, regs] = ["cnn-4", "noise=0.3,canary=2"];
  const trainer = opened(arch, regs, { measures, protocol });
  let asked = 0;
  const task = {
    outputFolder: join(folder, `${measures}-${stops.join("-")}`),
    configuration: canonicalConfiguration(protocol, {
      ...{ arch, regs, seeds: [5], threads: 1, limit: null, save: [], measures },
      ...{ engine: "cpu", ablations: NO_ABLATIONS },
    }),
    seed: 5,
    stopping: () => Promise.resolve(stops.includes(++asked)),
    onEpoch: () => undefined,
    onControls: () => undefined,
  };
  const ends = [];
  do ends.push(await runSeed(trainer, meter, task));
  while (ends.at(-1) === "stopped");
  const { final } = runFiles(task.outputFolder, 5);
  const { timing, ...run } = Run.parse(JSON.parse(readFileSync(final, "utf8")));
  return { run, timing, ends, asked };
}

test("a run with measures is the run without them otherwise, and is stopped and begun anew within them", async () => {
  const plain = await runWith(false);
  expect([plain.run.measures, plain.timing.measureSeconds]).toEqual([null, 0]);
  const { run, timing, asked } = await runWith(true);
  expect({ ...run, measures: null }).toEqual(plain.run);
  expect(timing.measureSeconds).toBeGreaterThan(0);
  expect(timing.measureSeconds).toBeLessThan(timing.controlSeconds);
  const { noisyLabels, canaries, mixup, flatness } = run.measures!;
  expect(canaries).toEqual({ samples: 8, fitted: canaries!.fitted });
  expect(noisyLabels!.changed).toBeGreaterThan(0);
  expect(noisyLabels!.fitted + noisyLabels!.asTrue).toBeLessThanOrEqual(noisyLabels!.changed);
  expect(mixup.pairs).toBeGreaterThan(10);
  expect(flatness.samples).toBe(40);

  // It is asked more often than without measures; the questions between are those within them.
  expect(asked).toBeGreaterThan(plain.asked + 3);
  const stopped = await runWith(true, [plain.asked - 2, plain.asked + 2]);
  expect(stopped.ends).toEqual(["stopped", "stopped", "completed"]);
  expect(stopped.run).toEqual(run);
});

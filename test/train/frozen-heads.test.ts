import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  readCheckpoint,
  restoreCheckpoint,
  writeCheckpoint,
} from "../../harness/engine/session-checkpoint.ts";
import type { Variable } from "../../harness/engine/program.ts";
import { PURPOSE, hash32, permutation, seedWords } from "../../record/random.ts";
import { evaluateFrozen, evaluateRun } from "../../harness/train/evaluation.ts";
import { mixNumbers } from "../../harness/train/images.ts";
import { estimateMemory } from "../../harness/train/memory-estimate.ts";
import type { Trainer } from "../../harness/train/trainer.ts";
import { learningRate } from "../../record/head-places.ts";
import { stateOf, tinyProtocol, tinyTrainer, trainSteps } from "./tiny.ts";

const folder = mkdtempSync(join(tmpdir(), "rademark-frozen-heads-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SEED = 7;

/** An epoch and three steps. */
async function trained(trainer: Trainer) {
  trainer.start(SEED);
  await trainSteps(trainer, 0, 0, 5);
  await trainSteps(trainer, 1, 0, 3);
  return { state: stateOf(trainer), counted: trainer.counted(8) };
}

const part = (state: Map<string, ArrayLike<number>>, prefix: string) =>
  [...state].filter(([name]) => name.startsWith(prefix));

test.each([
  ["mlp-16", "none"],
  ["mlp-16", "dropout=0.5,mixup=0.4"],
  ["cnn-4", "aug,sam=0.05,rl=1"],
])(
  "%s with %s trains classes and heads alike with heads on the frozen trunk and without",
  async (arch, regs) => {
    const both = tinyTrainer(arch, regs);
    const bare = tinyTrainer(arch, regs, { protocol: tinyProtocol({ frozenHeads: false }) });
    const [withFrozen, without] = [await trained(both), await trained(bare)];
    for (const [name, values] of without.state)
      if (name !== "counts") expect(withFrozen.state.get(name), name).toEqual(values);
    expect(part(without.state, "frozen")).toEqual([]);
    const { frozenOnline, ...rest } = withFrozen.counted;
    expect({ ...rest, frozenOnline: [] }).toEqual(without.counted);
    expect(frozenOnline).toHaveLength(2);
    both.close();
    bare.close();
  },
);

test("a two-layer head's random start leaves the class task and the other heads alone", async () => {
  const ablations = { headLayers: 2 as const };
  const both = tinyTrainer("mlp-16", "none", { ablations });
  const bare = tinyTrainer("mlp-16", "none", {
    ablations,
    protocol: tinyProtocol({ frozenHeads: false }),
  });
  const [withFrozen, without] = [await trained(both), await trained(bare)];
  for (const [name, values] of without.state)
    if (name !== "counts") expect(withFrozen.state.get(name), name).toEqual(values);
  expect(withFrozen.state.get("frozen-heads/tap2/n100/draw0/hidden")).not.toEqual(
    withFrozen.state.get("heads/tap2/n100/draw0/hidden"),
  );
  both.close();
  bare.close();
});

test("what only the trained trunk knows does not reach the heads on the frozen one", async () => {
  const plain = tinyTrainer("cnn-4", "none");
  const { state } = await trained(plain);
  plain.close();
  const other = tinyTrainer("cnn-4", "wd=0.5,ls=0.1,sam=0.1,rl=10,noise=0.5", {
    protocol: tinyProtocol({ clipNorm: 1e-3 }),
  });
  const changed = await trained(other);
  other.close();
  const [before, after] = [part(state, "frozen-heads"), part(changed.state, "frozen-heads")];
  expect(before.map(([name]) => name)).toEqual([
    "frozen-heads/tap3/weights",
    "frozen-heads/tap3/bias",
    "frozen-heads/tap3/mean-square",
    "frozen-heads/tap3/weights/velocity",
    "frozen-heads/tap3/bias/velocity",
  ]);
  // Two graphs may sum in another order.
  for (const [i, [name, values]] of before.entries()) {
    const top = Math.max(...Array.from(values, Math.abs));
    const apart = Array.from(values, (value, k) => Math.abs(value - after[i]![1][k]!));
    expect(Math.max(...apart) / top, name).toBeLessThan(1e-5);
  }
});

test.each([
  ["mlp-16", "none"],
  ["mlp-16", "dropout=0.5,mixup=0.4"],
  ["cnn-4", "dropout=0.3,aug,sam=0.05"],
  ["wrn-10-1", "cutmix=1"],
])("%s with %s goes on from a checkpoint as if nothing had happened", async (arch, regs) => {
  const trainer = tinyTrainer(arch, regs);
  const path = join(folder, `${arch}-${regs}.safetensors`);
  const { session, built } = trainer;
  const rest = async () => {
    await trainSteps(trainer, 0, 2, 5);
    await trainSteps(trainer, 1, 0, 2);
    const state = stateOf(trainer);
    const counted = trainer.counted(7);
    return { state, counted, frozen: await evaluateFrozen(trainer) };
  };
  trainer.start(SEED);
  await trainSteps(trainer, 0, 0, 2);
  writeCheckpoint(path, session, built.state, {});
  const whole = await rest();

  trainer.start(SEED + 1);
  await trainSteps(trainer, 0, 0, 1);
  trainer.start(SEED);
  restoreCheckpoint(session, built.state, readCheckpoint(path));
  expect(await rest()).toEqual(whole);
  trainer.close();

  const stored = [...readCheckpoint(path).tensors.keys()];
  expect(stored.filter((name) => name.startsWith("frozen/"))).toEqual([]);
  expect(stored).toContain(`frozen-heads/tap${trainer.plan.taps}/weights/velocity`);
});

/** Values of variables of the session by the end of their names. */
function reader({ session, built }: Trainer) {
  const { program } = built;
  const named = (name: string) =>
    program.variables.find((variable) => variable.name === name) as Variable;
  return (name: string) => Array.from(session.read([named(name)])[0]!);
}

/** [rows, inner] x [inner, columns] in float64. */
function product(a: number[][], b: readonly number[], columns: number): number[][] {
  return a.map((row) =>
    Array.from({ length: columns }, (_, c) =>
      row.reduce((sum, x, k) => sum + x * b[k * columns + c]!, 0),
    ),
  );
}

/** The initial mlp's last features of some normalized images, written out; the trunk is the initial one again. */
function initialFeatures(trainer: Trainer, images: number[][]): number[][] {
  const read = reader(trainer);
  return [1, 2].reduce((h, layer) => {
    const weights = read(`trunk/dense${layer}/weights`);
    return product(h, weights, WIDTH).map((row) => row.map((x) => Math.max(0, x)));
  }, images);
}

const WIDTH = 16;

function normalisedImage({ samples, plan }: Trainer, row: number): number[] {
  const { mean, std } = plan.protocol.normalize;
  const size = samples.resident!.train.length / samples.trainClasses.length;
  const bytes = samples.resident!.train.subarray(row * size, (row + 1) * size);
  return Array.from(bytes, (byte, i) => (byte / 255 - mean[i % 3]!) / std[i % 3]!);
}

const softmax = (logits: number[]) => {
  const shifted = logits.map((s) => Math.exp(s - Math.max(...logits)));
  const sum = shifted.reduce((a, b) => a + b, 0);
  return shifted.map((e) => e / sum);
};

/** Steps of the heads' method by its formulas, in float64: what method.md sections 2 and 3 say, and no more. */
function writtenOut(trainer: Trainer, draw: number, steps: number, mixup: number) {
  const { protocol } = trainer.plan;
  const { headline: n, batch } = protocol;
  const key = hash32(...seedWords(SEED));
  const order = permutation(40, key, PURPOSE.order, 0);
  const labels = trainer.labels.get("random-label", n, draw);
  const weights = new Array<number>(WIDTH * n).fill(0);
  const bias = new Array<number>(n).fill(0);
  const speed = new Array<number>((WIDTH + 1) * n).fill(0);
  let [meanSquare, online] = [0, 0];
  for (let step = 0; step < steps; step++) {
    const rows = [...order.slice(step * batch, (step + 1) * batch)];
    const share = mixup > 0 ? mixNumbers({ mixup, cutmix: 0 }, protocol.image, key, step)[0]! : 1;
    const own = rows.map((row) => normalisedImage(trainer, row));
    const images = own.map((image, i) =>
      image.map((x, k) => share * x + (1 - share) * own[batch - 1 - i]![k]!),
    );
    const features = initialFeatures(trainer, images);
    const now = features.flat().reduce((sum, x) => sum + x * x, 0) / (batch * WIDTH);
    meanSquare = step === 0 ? now : 0.9 * meanSquare + 0.1 * now;
    const z = features.map((row) => row.map((x) => x / Math.sqrt(meanSquare + 1e-5)));
    const logits = product(z, weights, n).map((row) => row.map((s, c) => s + bias[c]!));
    const gradient = new Array<number>((WIDTH + 1) * n).fill(0);
    for (const [i, row] of rows.entries()) {
      const [mine, partner] = [labels[row]!, labels[rows[batch - 1 - i]!]!];
      if (logits[i]!.indexOf(Math.max(...logits[i]!)) === (share >= 0.5 ? mine : partner)) online++;
      for (const [c, p] of softmax(logits[i]!).entries()) {
        const target = share * Number(c === mine) + (1 - share) * Number(c === partner);
        for (let k = 0; k <= WIDTH; k++)
          gradient[k * n + c]! += ((p - target) * (k < WIDTH ? z[i]![k]! : 1)) / batch;
      }
    }
    const rate = learningRate(protocol, step, 5);
    for (const [j, g] of gradient.entries()) {
      speed[j] = 0.9 * speed[j]! + g;
      if (j < WIDTH * n) weights[j]! -= rate * speed[j];
      else bias[j - WIDTH * n]! -= rate * speed[j];
    }
  }
  return { weights, bias, meanSquare, online };
}

/** Mixing hands each label's share to the loss; without it the share is 1. */
test.each([
  ["none", 0],
  ["mixup=0.4", 0.4],
])("with %s three steps are those of the formulas, and so is the end", async (regs, mixup) => {
  const trainer = tinyTrainer("mlp-16", regs);
  trainer.start(SEED);
  await trainSteps(trainer, 0, 0, 3);
  const { frozenOnline } = trainer.counted(3);
  const read = reader(trainer);
  const n = trainer.plan.protocol.headline;
  const [all, bias] = [read("frozen-heads/tap2/weights"), read("frozen-heads/tap2/bias")];
  const meanSquare = read("frozen-heads/tap2/mean-square")[0]!;
  const close = (got: number[], wanted: number[]) => {
    const top = Math.max(...wanted.map(Math.abs));
    for (const [i, value] of wanted.entries())
      expect(Math.abs(got[i]! - value) / top).toBeLessThan(1e-5);
  };
  const { heads, features } = await evaluateFrozen(trainer);
  const rows = Array.from({ length: 40 }, (_, row) => normalisedImage(trainer, row));
  const last = initialFeatures(trainer, rows);
  close([...features.at(-1)!.values], last.flat());
  for (const draw of [0, 1]) {
    const wanted = writtenOut(trainer, draw, 3, mixup);
    // The two draws' weights stand side by side: [WIDTH, 2 n].
    const own = all.filter((_, i) => Math.floor((i % (2 * n)) / n) === draw);
    close(own, wanted.weights);
    close(bias.slice(draw * n, (draw + 1) * n), wanted.bias);
    expect(meanSquare / wanted.meanSquare).toBeCloseTo(1, 5);
    expect(frozenOnline[draw]).toBe(wanted.online);

    const z = last.map((row) => row.map((x) => x / Math.sqrt(wanted.meanSquare + 1e-5)));
    const logits = product(z, wanted.weights, n).map((row) =>
      row.map((s, c) => s + wanted.bias[c]!),
    );
    const predicted = logits.map((row) => row.indexOf(Math.max(...row)));
    const hits = (kind: "random-label" | "unseen-label") => {
      const labels = trainer.labels.get(kind, n, draw);
      return predicted.filter((label, i) => label === labels[i]).length;
    };
    const labels = trainer.labels.get("random-label", n, draw);
    const loss = logits.reduce((sum, row, i) => sum - Math.log(softmax(row)[labels[i]!]!), 0);
    expect(heads[draw]).toEqual({
      draw,
      final: hits("random-label"),
      unseen: hits("unseen-label"),
      lossSum: expect.closeTo(loss, 3) as number,
    });
  }
  trainer.close();
});

test("the frozen trunk at the end is the initial one, with BatchNorm statistics of its own", async () => {
  const trainer = tinyTrainer("cnn-4", "none");
  trainer.start(SEED);
  await trainer.calibrate();
  const { features } = await evaluateRun(trainer);
  await trained(trainer);
  expect((await evaluateFrozen(trainer)).features).toEqual(features);
  trainer.close();
});

test.each([
  ["dropout=0.5", "the initial trunk", 768 * 64 + 64 + 64 * 64 + 64],
  ["none", "its features of every sample", 40 * 64],
])("with %s the estimate of memory counts %s, and the heads on it", (regs, _, kept) => {
  const bytes = (frozenHeads: boolean) => {
    const trainer = tinyTrainer("mlp-64", regs, { protocol: tinyProtocol({ frozenHeads }) });
    trainer.close();
    return estimateMemory(trainer.plan, { train: 40, test: 20 }).bytes;
  };
  const heads = 2 * (64 * 200 + 200);
  expect(bytes(true) - bytes(false)).toBeGreaterThanOrEqual(4 * (kept + heads));
});

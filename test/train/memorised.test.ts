import { afterAll, beforeAll, expect, test } from "vitest";
import { daviesBouldin, sameClassPairs } from "../../harness/measure/memorised.ts";
import { type Evaluation, evaluateRun } from "../../harness/train/evaluation.ts";
import { measureTrained } from "../../harness/train/measuring.ts";
import type { Trainer } from "../../harness/train/trainer.ts";
import { nearDuplicatesOf } from "../../record/near-duplicates.ts";
import type { RunMeasures } from "../../record/run-measures.ts";
import { tinyProtocol, tinyTrainer, trainSteps } from "./tiny.ts";

const EPOCHS = 4;
let trainer: Trainer;
let evaluation: Evaluation;

beforeAll(async () => {
  const protocol = tinyProtocol({ epochs: EPOCHS });
  trainer = tinyTrainer("mlp-16", "noise=0.4,canary=2", { protocol, measures: true });
  trainer.start(3);
  for (let epoch = 0; epoch < EPOCHS; epoch++) await trainSteps(trainer, epoch, 0, trainer.steps);
  evaluation = await evaluateRun(trainer);
});
afterAll(() => trainer.close());

const measure = async (changes: Partial<Evaluation> = {}): Promise<Omit<RunMeasures, "layers">> => {
  const never = () => Promise.resolve(false);
  return (await measureTrained(trainer, { ...evaluation, ...changes }, never)).measures;
};

/** The class that an mlp predicts for a normalized image, layer by layer in float64. */
function classOf(image: number[]): number {
  const { session, built } = trainer;
  const values = session.read(built.network.net.parameters.map(({ variable }) => variable));
  let x = image;
  for (let layer = 0; layer < values.length; layer += 2) {
    const [weights, bias] = [values[layer]!, values[layer + 1]!];
    const sums = Array.from(bias, (own, j) =>
      x.reduce((sum, value, i) => sum + value * weights[i * bias.length + j]!, own),
    );
    x = layer === values.length - 2 ? sums : sums.map((sum) => Math.max(0, sum));
  }
  return x.indexOf(Math.max(...x));
}

test("same-class mixup is the class of means of two images, computed by hand", async () => {
  const { session, built, plan } = trainer;
  const { mean, std } = plan.protocol.normalize;
  // Without large biases the scale of an image hardly moves its class.
  const bias = built.network.net.parameters.at(-1)!.variable;
  const [before] = session.read([bias]);
  session.write(
    bias,
    before!.map((value, c) => value + 1.5 * Math.sin(7 * c)),
  );
  const pixels = trainer.samples.resident!.train;
  const size = pixels.length / trainer.trainedClasses.length;
  const pairs = sameClassPairs(trainer.trainedClasses, trainer.key);
  const right = pairs.filter(([row, other]) => {
    const image = Array.from({ length: size }, (_, i) => {
      const value = (pixels[row * size + i]! + pixels[other * size + i]!) / 2;
      return (value / 255 - mean[i % 3]!) / std[i % 3]!;
    });
    return classOf(image) === trainer.trainedClasses[row];
  });
  expect((await measure()).mixup).toEqual({ pairs: pairs.length, correct: right.length });
  expect([right.length > 0, right.length < pairs.length]).toEqual([true, true]);
  session.write(bias, before!);
});

test("clusters are of the last tap and the classes trained on; fits tell noisy labels from canaries", async () => {
  const { trainedClasses: trained, samples, canaries } = trainer;
  const { daviesBouldin: index, noisyLabels, canaries: fit } = await measure();
  expect(index).toBeCloseTo(daviesBouldin(evaluation.features.at(-1)!.values, trained)!, 5);
  const own = samples.trainClasses;
  const rows = [...trained.keys()];
  const changed = rows.filter((row) => trained[row] !== own[row]);
  const predicted = evaluation.predicted.train;
  expect(noisyLabels).toEqual({
    changed: changed.length,
    fitted: changed.filter((row) => predicted[row] === trained[row]).length,
    asTrue: changed.filter((row) => predicted[row] === own[row]).length,
  });
  expect(noisyLabels!.fitted).toBeGreaterThan(0);
  expect(changed.filter((row) => canaries!.rows.includes(row))).toEqual([]);
  const fitted = canaries!.rows.filter((row) => predicted[row] === trained[row]).length;
  expect(fit).toEqual({ samples: 8, fitted });
});

test("a near-duplicate whose twin gave its place to a canary was not trained on", async () => {
  const twins = nearDuplicatesOf("cifar10")!.slice(0, 2); // of two test images
  const { samples, canaries } = trainer;
  const left = samples.trainClasses.findIndex((_, row) => !canaries!.rows.includes(row));
  const trainIndices = Int32Array.from(samples.trainIndices, (_, row) => 60_000 + row);
  trainIndices[left] = twins[0]![1];
  trainIndices[canaries!.rows[0]!] = twins[1]![1];
  const testClasses = new Int32Array(10_000);
  const test = testClasses.slice();
  test[twins[1]![0]] = 1; // the only wrong one
  trainer.samples = { ...samples, trainIndices, testClasses };
  const predicted = { ...evaluation.predicted, test };
  const { nearDuplicates } = await measure({ predicted });
  trainer.samples = samples;
  expect(nearDuplicates).toEqual({
    trained: { images: 1, correct: 1 },
    others: { images: 208, correct: 207 },
  });
});

import { expect, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { batchNorm, batchNormEvaluation } from "../../harness/engine/ops/batch-norm.ts";
import { Program } from "../../harness/engine/program.ts";
import { recordProgram } from "../../harness/engine/recorded-session.ts";
import { tf } from "../../harness/engine/tensorflow.ts";
import {
  calibrationPass,
  evaluationPass,
  trainingPass,
} from "../../harness/train/training-network.ts";

const [B, H, W, C] = [3, 2, 2, 2];
const ROWS = B * H * W;
const norm = { momentum: 0.1, epsilon: 1e-5, layerEpsilon: 1e-5 };
const batches = [1, 2].map((salt) =>
  Float32Array.from({ length: ROWS * C }, (_, i) => 3 * Math.sin(i * i + salt) + (i % C)),
);

/** Mean, variance by n, and variance by n - 1, of one channel. */
function moments(batch: Float32Array, channel: number) {
  const values = Array.from({ length: ROWS }, (_, i) => batch[i * C + channel]!);
  const mean = values.reduce((a, b) => a + b) / ROWS;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, biased: squares / ROWS, unbiased: squares / (ROWS - 1) };
}

function program() {
  const program = new Program();
  const [gamma, beta, mean, variance] = ["gamma", "beta", "mean", "variance"].map((name) =>
    program.variable(name, [C]),
  );
  const layer = { gamma: gamma!, beta: beta!, statistics: { mean: mean!, variance: variance! } };
  const x = { x: { shape: [B, H, W, C], dtype: "float32" } } as const;
  program.define("train", x, ({ x }, scope) => {
    const key = tf.tensor1d([0, 0], "int32");
    return { y: trainingPass(scope, { norm, key, statistics: true }).normalise(x!, layer) };
  });
  program.define("look again", x, ({ x }, scope) => {
    const key = tf.tensor1d([0, 0], "int32");
    return { y: trainingPass(scope, { norm, key, statistics: false }).normalise(x!, layer) };
  });
  program.define("evaluate", x, ({ x }, scope) => ({
    y: evaluationPass(scope, norm).normalise(x!, layer),
  }));
  const share = { share: { shape: [], dtype: "float32" } } as const;
  program.define("calibrate", { ...x, ...share }, ({ x, share }, scope) => ({
    y: calibrationPass(scope, norm, share!).normalise(x!, layer),
  }));
  return { program, layer };
}

const GAMMA = [1.5, -0.5];
const BETA = [0.25, 2];
const expected = (
  batch: Float32Array,
  of: (channel: number) => { mean: number; variance: number },
) =>
  batch.map((x, i) => {
    const { mean, variance } = of(i % C);
    return (GAMMA[i % C]! * (x - mean)) / Math.sqrt(variance + norm.epsilon) + BETA[i % C]!;
  });

function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>) {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) expect(got[i]).toBeCloseTo(wanted[i]!, 5);
}

test.each([
  ["recorded", recordProgram],
  ["eager", runEagerly],
])("BatchNorm in a %s session keeps PyTorch's rules", (_, make) => {
  const { program: p, layer } = program();
  const session = make(p);
  session.writeAll([
    [layer.gamma, Float32Array.from(GAMMA)],
    [layer.beta, Float32Array.from(BETA)],
    [layer.statistics.mean, new Float32Array(C)],
    [layer.statistics.variance, new Float32Array(C).fill(1)],
  ]);
  const running = () => session.read([layer.statistics.mean, layer.statistics.variance]);

  // Training normalizes by the batch's biased variance; the running one learns the unbiased.
  const means = new Array<number>(C).fill(0);
  const variances = new Array<number>(C).fill(1);
  for (const x of batches) {
    const own = (c: number) => ({ mean: moments(x, c).mean, variance: moments(x, c).biased });
    expectClose(session.run("train", { x })["y"]!, expected(x, own));
    for (let c = 0; c < C; c++) {
      means[c] = 0.9 * means[c]! + 0.1 * moments(x, c).mean;
      variances[c] = 0.9 * variances[c]! + 0.1 * moments(x, c).unbiased;
    }
  }
  expectClose(running()[0]!, means);
  expectClose(running()[1]!, variances);

  // A second look at the same batch and an evaluation leave them alone; evaluation normalizes by them.
  const before = running();
  session.run("look again", { x: batches[0]! });
  const { y } = session.run("evaluate", { x: batches[0]! });
  expectClose(
    y!,
    expected(batches[0]!, (c) => ({ mean: means[c]!, variance: variances[c]! })),
  );
  expect(running()).toEqual(before);

  // Calibration leaves the plain mean over the batches of its pass, whatever was there.
  for (const [k, x] of batches.entries())
    session.run("calibrate", { x, share: Float32Array.of(1 / (k + 1)) });
  for (let c = 0; c < C; c++) {
    const of = batches.map((x) => moments(x, c));
    expect(running()[0]![c]).toBeCloseTo((of[0]!.mean + of[1]!.mean) / 2, 5);
    expect(running()[1]![c]).toBeCloseTo((of[0]!.unbiased + of[1]!.unbiased) / 2, 5);
  }
  session.close();
});

test("evaluation by the batch's own moments is what training gives", () => {
  tf.tidy(() => {
    const x = tf.tensor4d(batches[0]!, [B, H, W, C]);
    const [gamma, beta] = [tf.tensor1d(GAMMA), tf.tensor1d(BETA)];
    const of = [0, 1].map((c) => moments(batches[0]!, c));
    const statistics = [
      tf.tensor1d(of.map((m) => m.mean)),
      tf.tensor1d(of.map((m) => m.biased)),
    ] as const;
    const trained = batchNorm({ x, gamma, beta }, 1e-5).y;
    const evaluated = batchNormEvaluation({ x, gamma, beta }, statistics, 1e-5);
    expectClose(evaluated.dataSync(), trained.dataSync());
  });
});

import { expect, test } from "vitest";
import { dense } from "../../harness/engine/ops/activation.ts";
import { layerNorm } from "../../harness/engine/ops/batch-norm.ts";
import { Program, type Variable } from "../../harness/engine/program.ts";
import { type Tensor, tf, tidy } from "../../harness/engine/tensorflow.ts";
import { Network, type ForwardPass } from "../../harness/model/network.ts";
import { normedDense, normedPerceptron, perceptron } from "../../harness/model/token-layers.ts";

const EPSILON = 1e-5;

/** Values of every parameter, away from where scale 1 and shift 0 would hide a mistake. */
function valuesOf(net: Network): Map<Variable, Tensor> {
  return new Map(
    net.parameters.map(({ variable }, i) => [
      variable,
      tf.randomNormal([...variable.shape], i === 0 ? 1 : 0, 0.4, "float32", i + 1),
    ]),
  );
}

const passOver = (values: Map<Variable, Tensor>): ForwardPass => ({
  training: true,
  layerNormEpsilon: EPSILON,
  read: (variable) => values.get(variable)!,
  noise: () => {
    throw new Error("draws no noise");
  },
  normalise: () => {
    throw new Error("has no BatchNorm");
  },
});

/** x/2 (1 + erf(x/sqrt 2)), as written. */
const gelu = (x: Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

const tokens = () => tf.randomNormal([2, 3, 4], 0.5, 2, "float32", 9);

function apart(
  make: (net: Network) => { layer: (pass: ForwardPass) => Tensor; plain: Plain },
): number {
  return tidy(() => {
    const net = new Network(new Program(), "n");
    const { layer, plain } = make(net);
    const values = valuesOf(net);
    const byName = (name: string) =>
      values.get(net.parameters.find(({ variable }) => variable.name === `n/${name}`)!.variable)!;
    const difference = tf.abs(tf.sub(layer(passOver(values)), plain(byName)));
    return tf.max(difference).dataSync()[0]!;
  });
}
type Plain = (value: (name: string) => Tensor) => Tensor;

test("a dense layer with a folded norm is the norm and then the dense layer", () => {
  const difference = apart((net) => {
    const layer = normedDense(
      net,
      { norm: "norm", dense: "dense" },
      { inputs: 4, outputs: 5 },
      [1, 2, 3, 4, 5],
    );
    return {
      layer: (pass) => layer(tokens(), pass),
      plain: (v) => {
        const n = layerNorm(tokens(), v("norm/gamma"), v("norm/beta"), EPSILON);
        return tf.mul(dense(n, v("dense/weights"), v("dense/bias")), [1, 2, 3, 4, 5]);
      },
    };
  });
  expect(difference).toBeLessThan(1e-5);
});

const mlp = (x: Tensor, v: (name: string) => Tensor) =>
  dense(
    gelu(dense(x, v("mlp/dense1/weights"), v("mlp/dense1/bias"))),
    v("mlp/dense2/weights"),
    v("mlp/dense2/bias"),
  );

test("a perceptron with folded roots is dense, GELU, dense", () => {
  const difference = apart((net) => {
    const layer = perceptron(net, "mlp", 4, 6);
    return { layer: (pass) => layer(tokens(), pass), plain: (v) => mlp(tokens(), v) };
  });
  expect(difference).toBeLessThan(1e-5);
});

test("a normed perceptron is norm, dense, GELU, dense", () => {
  const difference = apart((net) => {
    const layer = normedPerceptron(net, { norm: "norm", mlp: "mlp" }, 4, 6);
    return {
      layer: (pass) => layer(tokens(), pass),
      plain: (v) => mlp(layerNorm(tokens(), v("norm/gamma"), v("norm/beta"), EPSILON), v),
    };
  });
  expect(difference).toBeLessThan(1e-5);
});

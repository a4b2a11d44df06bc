/**
 * @file Layers over tokens that fold what is small into weights: scale and shift of a layer norm into the dense layer
 * behind it, the square roots of GELU into the dense layers around it. The mathematics is that of the plain layers;
 * activations are many times larger than weights, and each pass over them that is saved shows.
 */

import { scaledGelu } from "../engine/ops/activation.ts";
import { dense } from "../engine/ops/dense.ts";
import { standardise } from "../engine/ops/layer-norm.ts";
import { tf, type Tensor } from "../engine/tensorflow.ts";
import { denseParameters, normParameters } from "./layers.ts";
import type { Layer, Network, Pass } from "./network.ts";

type Dense = ReturnType<typeof denseParameters>;
type Norm = ReturnType<typeof normParameters>;

/** Layer norm, then dense: [..., inputs] -> [..., outputs]. @param scale of each output, [outputs] or a number. */
export function normedDense(
  net: Network,
  names: { norm: string; dense: string },
  sizes: { inputs: number; outputs: number },
  scale: number | readonly number[] = 1,
): Layer {
  const norm = normParameters(net, names.norm, sizes.inputs);
  const parameters = denseParameters(net, names.dense, sizes.inputs, sizes.outputs);
  return (x, pass) => {
    const folded = fold(pass, norm, parameters);
    const by = typeof scale === "number" ? scale : tf.tensor1d([...scale]);
    const [weights, bias] = folded.map((w) => (scale === 1 ? w : tf.mul(w, by)));
    return dense(standardise(x, pass.layerNormEpsilon), weights!, bias!);
  };
}

/** gamma and beta as part of the weights and the bias behind them. */
function fold(pass: Pass, { gamma, beta }: Norm, { weights, bias }: Dense): [Tensor, Tensor] {
  const w = pass.read(weights);
  const column = tf.reshape(pass.read(gamma), [-1, 1]);
  const shift = dense(tf.reshape(pass.read(beta), [1, -1]), w, pass.read(bias));
  return [tf.mul(w, column), tf.reshape(shift, [-1])];
}

/** GELU(sqrt(2) v) sqrt(2) is what `scaledGelu` gives, so both dense layers around it are scaled by this. */
const HALF = Math.SQRT1_2;

/** Layer norm, dense, GELU, dense: [..., width] -> the same shape. */
export function normedPerceptron(
  net: Network,
  names: { norm: string; mlp: string },
  width: number,
  hidden: number,
): Layer {
  const first = normedDense(
    net,
    { norm: names.norm, dense: `${names.mlp}/dense1` },
    { inputs: width, outputs: hidden },
    HALF,
  );
  const second = denseParameters(net, `${names.mlp}/dense2`, hidden, width);
  return (x, pass) => afterGelu(first(x, pass), second, pass);
}

/** Dense, GELU, dense: [..., width] -> the same shape. */
export function perceptron(net: Network, name: string, width: number, hidden: number): Layer {
  const first = denseParameters(net, `${name}/dense1`, width, hidden);
  const second = denseParameters(net, `${name}/dense2`, hidden, width);
  return (x, pass) => {
    const [weights, bias] = [first.weights, first.bias].map((v) => tf.mul(pass.read(v), HALF));
    return afterGelu(dense(x, weights!, bias!), second, pass);
  };
}

const afterGelu = (v: Tensor, { weights, bias }: Dense, pass: Pass) =>
  dense(scaledGelu(v), tf.mul(pass.read(weights), HALF), pass.read(bias));

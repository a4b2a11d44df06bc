/**
 * @file Layers over tokens that fold small factors into weights: scale and shift of a layer norm into the dense layer
 * after it, the square roots of GELU into the dense layers around it. The mathematics is that of the plain layers;
 * but activations are many times larger than weights, so each operation on them that is saved is saved time.
 */

import { dense, globalMean, scaledGelu } from "../engine/ops/activation.ts";
import { standardise } from "../engine/ops/batch-norm.ts";
import { type Tensor, tf } from "../engine/tensorflow.ts";
import {
  type ImageShape,
  type Layer,
  type Network,
  type ForwardPass,
  type Trunk,
  denseParameters,
  layerNormLayer,
  normParameters,
} from "./network.ts";
import { UserError } from "../errors.ts";

type Dense = ReturnType<typeof denseParameters>;
type Norm = ReturnType<typeof normParameters>;

/** Layer norm, then dense: [..., inputs] -> [..., outputs]. @param scale of each output, [outputs], or of all. */
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

/** Weights and bias of a dense layer with the gamma and beta of the norm before it folded in. */
function fold(
  pass: ForwardPass,
  { gamma, beta }: Norm,
  { weights, bias }: Dense,
): [Tensor, Tensor] {
  const w = pass.read(weights);
  const column = tf.reshape(pass.read(gamma), [-1, 1]);
  const shift = dense(tf.reshape(pass.read(beta), [1, -1]), w, pass.read(bias));
  return [tf.mul(w, column), tf.reshape(shift, [-1])];
}

/** `scaledGelu` computes sqrt(2) GELU(sqrt(2) v), so the dense layers before and after it are scaled by sqrt(1/2). */
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

const afterGelu = (v: Tensor, { weights, bias }: Dense, pass: ForwardPass) =>
  dense(scaledGelu(v), tf.mul(pass.read(weights), HALF), pass.read(bias));

/** Images cut into tokens, as vision transformers and mixers read them. */
interface PatchGrid {
  rows: number;
  columns: number;
  /** Values in a patch. */
  size: number;
  /** [B, H, W, C] -> [B, rows * columns, size], patches in reading order. */
  cut: (images: Tensor) => Tensor;
}

/** @throws UserError when the image does not divide into patches of `side` x `side`. */
export function patchGrid({ height, width, channels }: ImageShape, side: number): PatchGrid {
  if (height % side || width % side)
    throw new UserError(
      `An image of ${height} x ${width} does not divide into patches of ${side} x ${side}. ` +
        `Choose a patch that divides both sides.`,
    );
  const [rows, columns] = [height / side, width / side];
  const size = side * side * channels;
  return {
    rows,
    columns,
    size,
    cut(images) {
      const cells = tf.reshape(images, [-1, rows, side, columns, side, channels]);
      return tf.reshape(tf.transpose(cells, [0, 1, 3, 2, 4, 5]), [-1, rows * columns, size]);
    },
  };
}

/**
 * The trunk of a stack of blocks over tokens. Taps: the mean over tokens after the blocks at 1/4, 1/2 and 3/4 of
 * the depth; the last is the mean of the tokens after a final layer norm.
 *
 * @param embed images -> [B, tokens, width].
 */
export function tokenTrunk(
  net: Network,
  width: number,
  embed: Layer,
  blocks: readonly Layer[],
): Trunk {
  const tapped = new Set([1, 2, 3].map((quarter) => (quarter * blocks.length) / 4));
  const norm = layerNormLayer(net, "norm", width);
  return {
    tapWidths: [width, width, width, width],
    forward(images, pass) {
      let x = embed(images, pass);
      const taps: Tensor[] = [];
      for (const [i, block] of blocks.entries()) {
        x = block(x, pass);
        if (tapped.has(i + 1)) taps.push(globalMean(x));
      }
      return [...taps, globalMean(norm(x, pass))];
    },
  };
}

/** x + branch(x). */
export const residual =
  (branch: Layer): Layer =>
  (x, pass) =>
    tf.add(x, branch(x, pass));

/** @file Losses on logits [B, n], all means over the batch, in nats. */

import { type Tensor, fused, op, ops, tf } from "../tensorflow.ts";

const T = { type: "float32" } as const;

/**
 * Cross-entropy of each row, [B], and its gradient at the logits, [B, n]: softmax minus the one-hot label.
 *
 * The gradient is an operation of its own, because the exponentials of TensorFlow's fused one are five times slower on
 * a CPU; a graph that uses only one of the two results runs only that half.
 */
export function crossEntropyRows(logits: Tensor, labels: Tensor): [loss: Tensor, gradient: Tensor] {
  const attributes = { T, Tlabels: { type: "int32" } } as const;
  const [loss] = ops("SparseSoftmaxCrossEntropyWithLogits", [logits, labels], attributes, 2);
  const own = tf.oneHot(labels, logits.shape[1]!, 1, 0, "float32");
  return [loss!, tf.sub(op("Softmax", [logits], { T }), own)];
}

/** The same for a distribution over the labels, targets [B, n]. */
export function crossEntropyToRows(
  logits: Tensor,
  targets: Tensor,
): [loss: Tensor, gradient: Tensor] {
  return ops("SoftmaxCrossEntropyWithLogits", [logits, targets], { T }, 2) as [Tensor, Tensor];
}

/** Mean of a loss over the rows; `rows` gives each row's loss and gradient, as `crossEntropyRows` does. */
export function meanLoss(logits: Tensor, rows: (logits: Tensor) => [Tensor, Tensor]): Tensor {
  return fused([logits], ([logits], save) => {
    const [loss, gradient] = rows(logits!);
    save([gradient]);
    const share = 1 / logits!.shape[0];
    return {
      value: tf.mean(loss),
      gradient: (dy, [gradient]) => [tf.mul(gradient!, tf.mul(dy, share))],
    };
  });
}

/** Targets with the share `smoothing` spread over all n labels (Szegedy et al. 2016, section 7). */
export function smoothTargets(labels: Tensor, n: number, smoothing: number): Tensor {
  const share = smoothing / n;
  return tf.oneHot(labels, n, 1 - smoothing + share, share, "float32");
}

/**
 * -log(1 - p_r) of each row (method.md section 3): logsumexp(s) - logsumexp(s without entry r).
 * Gradient at the logits: p_r at r, -p_r p_j/(1 - p_r) elsewhere.
 */
export function log1mRows(logits: Tensor, labels: Tensor): [loss: Tensor, gradient: Tensor] {
  const n = logits.shape[1]!;
  const own = tf.oneHot(labels, n, 1, 0, "float32");
  const without = tf.add(logits, tf.mul(own, -1e30));
  const loss = tf.sub(logSumExp(logits), logSumExp(without));
  const p = op("Softmax", [logits], { T });
  const others = op("Softmax", [without], { T }); // p_j/(1 - p_r), zero at r
  const pr = tf.sum(tf.mul(p, own), 1, true);
  return [loss, tf.mul(pr, tf.sub(own, others))];
}

/** Cross-entropy of p against the uniform distribution; gradient p - 1/n. */
export function confusionRows(logits: Tensor): [loss: Tensor, gradient: Tensor] {
  return crossEntropyToRows(logits, tf.fill(logits.shape, 1 / logits.shape[1]!));
}

/** +log p_r; gradient onehot - p. */
export function reversalRows(logits: Tensor, labels: Tensor): [loss: Tensor, gradient: Tensor] {
  const [loss, gradient] = crossEntropyRows(logits, labels);
  return [tf.neg(loss), tf.neg(gradient)];
}

function logSumExp(logits: Tensor): Tensor {
  const top = tf.max(logits, 1, true);
  const total = tf.sum(tf.exp(tf.sub(logits, top)), 1, true);
  return tf.reshape(tf.add(tf.log(total), top), [-1]);
}

/** Number of rows whose largest logit (the first of equals) is at the label: int32 scalar. */
export function countCorrect(logits: Tensor, labels: Tensor): Tensor {
  return tf.sum(tf.cast(correctRows(logits, labels), "int32"));
}

/** Whether each row's largest logit (the first of equals) is at its label: bool [B]. */
export function correctRows(logits: Tensor, labels: Tensor): Tensor {
  return tf.equal(predictions(logits), labels);
}

/** Index of each row's largest logit, the first of equals: int32 [B]. */
export function predictions(logits: Tensor): Tensor {
  return op("ArgMax", [logits, tf.scalar(1, "int32")], {
    T,
    Tidx: { type: "int32" },
    output_type: { type: "int32" },
  });
}

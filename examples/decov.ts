/**
 * @file DeCov (Cogswell et al. 2016, arXiv 1511.06068): half the squared covariances between different features of the
 * last tap. As a file of one's own: `--reg examples/decov.ts=0.1`; the strength is multiplied outside.
 */
import { type ExtraLoss, tf } from "rademark/network";

/** Gets one training batch; its gradient reaches trunk and class head, never a random-label head. */
const decov: ExtraLoss = ({ taps }) => {
  const z = taps.at(-1)!; // [B, D], what the class head reads
  const centred = tf.sub(z, tf.mean(z, 0, true));
  const covariance = tf.div(tf.matMul(centred, centred, true), z.shape[0]); // [D, D]
  const all = tf.sum(tf.square(covariance));
  const variances = tf.mean(tf.square(centred), 0); // the diagonal, [D]
  return tf.div(tf.sub(all, tf.sum(tf.square(variances))), 2);
};

export default decov;

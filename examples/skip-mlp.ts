/**
 * @file An mlp with skip connections, h <- h + W2 relu(W1 h), as a file of one's own: `--arch examples/skip-mlp.ts`.
 *
 * Its second line, which is all that a file may import, has the layers and types; `tf` is TensorFlow.js.
 */
import { chain, denseLayer, dropoutLayer, reluLayer, tf } from "rademark/network";
import type { BuildTrunk, Layer } from "rademark/network";

const WIDTH = 64;
const BLOCKS = 3;

/** Where random-label heads may read, in order of depth. The class head reads the last. */
export const taps = ["embedding", "block 1", "block 2", "block 3"];

const build: BuildTrunk = (net, image, { dropout }) => {
  // Here all parameters are made, each layer's under a name of its own; nothing is computed yet.
  const pixels = image.height * image.width * image.channels;
  const embed = chain(denseLayer(net, "embed", pixels, WIDTH), reluLayer);
  const blocks = Array.from({ length: BLOCKS }, (_, i): Layer =>
    chain(
      denseLayer(net, `block${i + 1}/in`, WIDTH, WIDTH),
      reluLayer,
      dropoutLayer(dropout),
      denseLayer(net, `block${i + 1}/out`, WIDTH, WIDTH),
    ),
  );
  return {
    /** Features at each tap. */
    tapWidths: taps.map(() => WIDTH),
    /** images [B, H, W, C], normalized -> the taps, [B, WIDTH] each. B differs between calls. */
    forward(images, pass) {
      let h = embed(tf.reshape(images, [-1, pixels]), pass);
      const found = [h];
      for (const block of blocks) {
        h = tf.add(h, block(h, pass)); // the skip connection
        found.push(h);
      }
      return found;
    },
  };
};

export default build;

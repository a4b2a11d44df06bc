/** @file `mlp-W`: two hidden layers of width W on the flattened image. */

import { tf } from "../engine/tensorflow.ts";
import { chain, denseLayer, dropoutLayer, reluLayer } from "./layers.ts";
import type { ImageShape, Network, Trunk } from "./network.ts";

/** Taps: each hidden activation, after its dropout. */
export function mlp(net: Network, image: ImageShape, width: number, dropout: number): Trunk {
  const inputs = image.height * image.width * image.channels;
  const hidden = [inputs, width].map((size, i) =>
    chain(denseLayer(net, `dense${i + 1}`, size, width), reluLayer, dropoutLayer(dropout)),
  );
  return {
    tapWidths: [width, width],
    forward(images, pass) {
      let h = tf.reshape(images, [-1, inputs]);
      return hidden.map((layer) => (h = layer(h, pass)));
    },
  };
}

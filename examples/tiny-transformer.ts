/** @file A vision transformer of two small blocks, as a file of one's own: `--arch examples/tiny-transformer.ts`. */
import {
  type BuildTrunk,
  type Layer,
  chain,
  denseLayer,
  dropoutLayer,
  gelu,
  globalMean,
  layerNormLayer,
  patchGrid,
  residual,
  selfAttention,
  tf,
} from "rademark/network";

const [PATCH, WIDTH, HEADS, BLOCKS] = [8, 32, 2, 2];

export const taps = ["block 1", "block 2"];

const build: BuildTrunk = (net, image, { dropout }) => {
  const grid = patchGrid(image, PATCH); // refuses images that PATCH does not divide
  const embed = denseLayer(net, "embed", grid.size, WIDTH);
  // A learned position for each token, which starts at random.
  const tokens = grid.rows * grid.columns;
  const positions = net.parameter("positions", [tokens, WIDTH], { deviation: 0.02 });
  const blocks = Array.from({ length: BLOCKS }, (_, i) => {
    const dense = (part: string, inputs: number, outputs: number) =>
      denseLayer(net, `block${i + 1}/${part}`, inputs, outputs);
    const norm = (part: string) => layerNormLayer(net, `block${i + 1}/${part}`, WIDTH);
    const attend: Layer = (qkv) => selfAttention(scaledQueries(qkv), HEADS);
    return chain(
      // Queries, keys and values side by side, from one layer.
      residual(
        chain(norm("norm1"), dense("qkv", WIDTH, 3 * WIDTH), attend, dense("out", WIDTH, WIDTH)),
      ),
      residual(
        chain(norm("norm2"), dense("up", WIDTH, 2 * WIDTH), gelu, dense("down", 2 * WIDTH, WIDTH)),
      ),
      dropoutLayer(dropout),
    );
  });
  return {
    tapWidths: taps.map(() => WIDTH),
    forward(images, pass) {
      let x = tf.add(embed(grid.cut(images), pass), pass.read(positions)); // [B, tokens, WIDTH]
      return blocks.map((block) => globalMean((x = block(x, pass)))); // means over the tokens
    },
  };
};

/** `selfAttention` leaves 1 / sqrt(size of a head) to its caller. qkv [B, tokens, 3 WIDTH] -> the same shape. */
function scaledQueries(qkv: Parameters<Layer>[0]) {
  const [queries, rest] = tf.split(qkv, [WIDTH, 2 * WIDTH], -1);
  return tf.concat([tf.div(queries!, Math.sqrt(WIDTH / HEADS)), rest!], -1);
}

export default build;

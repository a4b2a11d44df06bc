import { expect, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { batchNorm } from "../../harness/engine/ops/batch-norm.ts";
import { type Tensor, tf, valueAndGradients } from "../../harness/engine/tensorflow.ts";
import { Program } from "../../harness/engine/program.ts";
import { Network, type ForwardPass } from "../../harness/model/network.ts";
import { BATCH, IMAGE, IMAGES, SMALL_TRUNKS, startParameters } from "./small-trunks.ts";

/** Names of the parameters that tap `t` (from 1; -1: the last) depends on, without their prefix. */
function reach(name: string, t: number): string[] {
  const build = SMALL_TRUNKS.find(([n]) => n === name)![1];
  const program = new Program();
  const net = new Network(program, "trunk");
  const trunk = build(net, 0);
  const variables = net.parameters.map(({ variable }) => variable);
  let reached: string[] = [];
  program.define("reach", {}, (_, scope) => {
    const values = new Map(variables.map((v) => [v, scope.read(v)]));
    const read = (v: (typeof variables)[number]) => values.get(v)!;
    const pass: ForwardPass = {
      training: true,
      layerNormEpsilon: 1e-5,
      read,
      noise: () => tf.scalar(0),
      normalise: (x, { gamma, beta }) =>
        batchNorm({ x, gamma: read(gamma), beta: read(beta) }, 1e-5).y,
    };
    const images = tf.tensor(IMAGES, [BATCH, IMAGE.height, IMAGE.width, IMAGE.channels]);
    const { gradients } = valueAndGradients(
      (): Tensor => tf.sum(tf.square(trunk.forward(images, pass).at(t < 0 ? t : t - 1)!)),
      [...values.values()],
    );
    reached = variables.filter((_, i) => gradients[i]).map((v) => v.name.slice("trunk/".length));
    return {};
  });
  const session = runEagerly(program);
  startParameters(session, net);
  session.run("reach");
  session.close();
  return reached;
}

/** The first part of each name, once: stages, groups, blocks. */
const parts = (names: string[]) => [...new Set(names.map((name) => name.split("/")[0]))];

test.each([
  ["mlp", 1, ["dense1"]],
  ["cnn", 2, ["conv1", "norm1", "conv2", "norm2"]],
  ["vgg", 2, ["stage1", "stage2"]],
  ["resnet", 1, ["stem"]],
  ["resnet", 3, ["stem", "stage1", "stage2"]],
  ["vit", 1, ["embedding", "block1"]],
  ["vit", 3, ["embedding", "block1", "block2", "block3"]],
  ["vit", 4, ["embedding", "block1", "block2", "block3", "block4", "norm"]],
  ["mixer", 2, ["embedding", "block1", "block2"]],
])("%s: tap %i ends with the last of %j", (name, tap, expected) => {
  expect(parts(reach(name, tap))).toEqual(expected);
});

test("wrn: a group's tap goes through the norm that the next group reads it with, and no further", () => {
  const beyond = reach("wrn", 1).filter((name) => name.startsWith("group2"));
  expect(beyond).toEqual(["group2/block1/norm1/gamma", "group2/block1/norm1/beta"]);
});

test.each(SMALL_TRUNKS)("%s: the last tap depends on every parameter", (name, build) => {
  const net = new Network(new Program(), "trunk");
  build(net, 0);
  expect(reach(name, -1)).toHaveLength(net.parameters.length);
});

import { expect, test } from "vitest";
import { ARCHITECTURES, parseArchitecture, tapNames } from "../../record/architecture.ts";
import { Program } from "../../harness/engine/program.ts";
import { Network } from "../../harness/model/network.ts";
import { buildTrunk } from "../../harness/model/trunk.ts";

const CIFAR = { height: 32, width: 32, channels: 3 };
const FASHION = { height: 28, width: 28, channels: 1 };

function build(name: string, image = CIFAR) {
  const net = new Network(new Program(), "trunk");
  const trunk = buildTrunk(net, parseArchitecture(name), image, 0);
  return { net, trunk, last: trunk.tapWidths.at(-1)! };
}

/** Trunk and a class head of D N + N. */
function count(name: string, classes: number) {
  const { net, last } = build(name);
  return net.size + last * classes + classes;
}

/** Weights and biases of dense layers, each [inputs, outputs]. */
const dense = (...layers: [number, number][]) => layers.reduce((sum, [i, o]) => sum + i * o + o, 0);

test.each([
  // The three that the method pins.
  ["wrn-16-4", 100, 2_772_020],
  ["resnet-18", 10, 11_173_962],
  ["resnet-20", 10, 272_474],
  ["mlp-512", 10, dense([3072, 512], [512, 512], [512, 10])],
  ["cnn-16", 10, 9 * (3 * 16 + 16 * 32 + 32 * 64) + 2 * (16 + 32 + 64) + dense([64, 10])],
  // torchvision's vgg11_bn has 9,225,984 in its convolutions, biases and norms; here no biases (2,752).
  ["vgg-11", 10, 9_225_984 - 2_752 + dense([512, 10])],
  [
    "vit-ti-4",
    10,
    2 * 48 +
      dense([48, 192]) +
      2 * 192 +
      12 * (4 * 192 + dense([192, 576], [192, 192], [192, 768], [768, 192])) +
      2 * 192 +
      dense([192, 10]),
  ],
  [
    "mixer-s-4",
    10,
    dense([48, 512]) +
      8 * (4 * 512 + dense([64, 256], [256, 64], [512, 2048], [2048, 512])) +
      2 * 512 +
      dense([512, 10]),
  ],
])("%s with %i classes has %i parameters", (name, classes, expected) => {
  expect(count(name, classes)).toBe(expected);
});

test.each(ARCHITECTURES.map(({ example }) => example).concat("resnet-18", "wrn-28-10"))(
  "%s has a width for each tap of the record, on colour and on grey images",
  (name) => {
    for (const image of [CIFAR, FASHION])
      expect(build(name, image).trunk.tapWidths).toHaveLength(
        tapNames(parseArchitecture(name)).length,
      );
  },
);

test.each([
  ["wrn-16-4", [64, 128, 256]],
  ["resnet-18", [64, 64, 128, 256, 512]],
  ["vgg-11", [64, 128, 256, 512, 512]],
  ["vit-b-32", [768, 768, 768, 768]],
])("the taps of %s are %j wide", (name, widths) => {
  expect(build(name).trunk.tapWidths).toEqual(widths);
});

test("an image that does not divide into patches is a mistake with a sentence", () => {
  expect(() => build("vit-ti-5")).toThrow(/32 x 32 does not divide into patches of 5 x 5/);
});

test("residual networks start by fan-out, all others by fan-in", () => {
  const deviation = (name: string, parameter: string) => {
    const { net } = build(name);
    const found = net.parameters.find(({ variable }) => variable.name === `trunk/${parameter}`)!;
    return "deviation" in found.initial ? found.initial.deviation : found.initial.value;
  };
  expect(deviation("wrn-16-4", "group2/block1/conv1/filter")).toBe(Math.sqrt(2 / (9 * 128)));
  expect(deviation("resnet-18", "stage2/block1/shortcut/filter")).toBe(Math.sqrt(2 / 128));
  expect(deviation("cnn-16", "conv2/filter")).toBe(Math.sqrt(2 / (9 * 16)));
  expect(deviation("mlp-512", "dense2/weights")).toBe(Math.sqrt(2 / 512));
  expect(deviation("mlp-512", "dense2/bias")).toBe(0);
  expect(deviation("wrn-16-4", "norm/gamma")).toBe(1);
});

import { describe, expect, test } from "vitest";
import {
  type Choice,
  Configuration,
  NO_ABLATIONS,
  canonicalConfiguration,
  expandRecipe,
  unsubmittable,
} from "../../record/configuration.ts";
import { NO_CUSTOM_CODE } from "../../record/custom-code.ts";
import { deriveProtocol } from "../../record/derived-protocol.ts";
import { findProtocol, protocolId } from "../../record/protocols.ts";
import { RecordError } from "../../record/problem.ts";
import { parseRegularizers } from "../../record/regularizers.ts";

const micro = findProtocol("micro-1");
const cifar = findProtocol("cifar100-1");
const imagenet = findProtocol("imagenet-1");

function aChoice(changes: Partial<Choice> = {}): Choice {
  return {
    arch: "mlp-512",
    regs: "none",
    seeds: [1, 2, 3, 4, 5],
    threads: 2,
    engine: "cpu",
    limit: null,
    save: [],
    measures: false,
    ablations: NO_ABLATIONS,
    ...changes,
  };
}

test("a configuration is complete and names its protocol by id", () => {
  const configuration = canonicalConfiguration(
    micro,
    aChoice({ arch: "MLP-512", regs: "wd=.0050" }),
  );
  expect(configuration).toEqual({
    ...aChoice({ regs: "wd=0.005" }),
    ...NO_CUSTOM_CODE,
    protocol: "micro-1",
    protocolId: protocolId(micro),
  });
  expect(Configuration.parse(configuration)).toEqual(configuration);
});

test("seeds and savings are listed once", () => {
  const choice = aChoice({ seeds: [3, 1, 3], save: ["per-sample", "features", "per-sample"] });
  const { seeds, save } = canonicalConfiguration(micro, choice);
  expect({ seeds, save }).toEqual({ seeds: [3, 1], save: ["features", "per-sample"] });
});

describe("what trains the same way is written the same", () => {
  const regs = (protocol: typeof micro, arch: string, text: string) =>
    canonicalConfiguration(protocol, aChoice({ arch, regs: text })).regs;

  test.each([
    ["mlp-512", "rl=10@2", "rl=10"],
    ["mlp-512", "rl=10@1", "rl=10@1"],
    ["cnn-16", "rl=10@2", "rl=10@2"],
    ["cnn-16", "rl=10:reversal@3", "rl=10:reversal"],
  ])("on %s %s is %s", (arch, text, written) => {
    expect(regs(micro, arch, text)).toBe(written);
  });

  test("the recipe's own values are the recipe", () => {
    expect(regs(cifar, "wrn-16-4", "dropout=0.3,cutout=16,aug,wd=5e-4")).toBe("recipe,dropout=0.3");
    expect(regs(cifar, "wrn-16-4", "aug,wd=5e-4")).toBe("wd=0.0005,aug");
    expect(regs(imagenet, "vit-b-32", "wd=0.1,aug")).toBe("recipe");
  });
});

test("the recipe stands for weight decay and augmentation, beside everything else", () => {
  const regularizers = parseRegularizers("recipe,rl=10");
  expect(expandRecipe(regularizers, cifar)).toEqual(
    parseRegularizers("wd=0.0005,aug,cutout=16,rl=10"),
  );
  expect(expandRecipe(regularizers, imagenet)).toEqual(parseRegularizers("wd=0.1,aug,rl=10"));
  expect(() => expandRecipe(regularizers, micro)).toThrow("recipe: micro-1 has none");
});

test.each([
  [micro, { regs: "recipe" }, "recipe: micro-1 has none"],
  [micro, { regs: "rl=10@3" }, "mlp-512 has taps 1 to 2"],
  [micro, { regs: "cutout=33" }, "at most the image's side of 32"],
  [
    micro,
    { regs: "canary=313" },
    "at most 312: 4 copies of each take no more than half of the 2500",
  ],
  [micro, { arch: "vit-ti-5" }, "patches of 5 do not tile micro-1's 32 x 32 images"],
  [imagenet, { arch: "vit-b-32", regs: "rl=10@1" }, "heads at the last tap (4) only"],
])("%#: what does not go together is refused", (protocol, changes, message) => {
  expect(() => canonicalConfiguration(protocol, aChoice(changes))).toThrow(RecordError);
  expect(() => canonicalConfiguration(protocol, aChoice(changes))).toThrow(message);
});

test.each([
  [micro, "aug", "aug: the samples are features, 1 x 1 pixels, which cannot be cropped"],
  [micro, "cutout=1", "cutout=1: the samples are features, 1 x 1 pixels: a square cut out of one"],
  [micro, "cutmix=1", "cutmix=1: the samples are features, 1 x 1 pixels: a part of one"],
  [cifar, "recipe", "recipe (cutout=16): the samples are features"],
])("%#: features have nothing to crop or cut", (base, regs, message) => {
  const features = { ...base, image: { height: 1, width: 1, channels: 8 } };
  expect(() => canonicalConfiguration(features, aChoice({ regs }))).toThrow(message);
  expect(canonicalConfiguration(features, aChoice({ regs: "mixup=1" })).regs).toBe("mixup=1");
});

describe("a configuration can be submitted", () => {
  const reasons = (protocol: typeof micro, changes: Partial<Choice>) =>
    unsubmittable(canonicalConfiguration(protocol, aChoice(changes)), protocol);

  test("with the panel, as published", () => expect(reasons(micro, {})).toEqual([]));

  test.each([
    [{ limit: 2 }, "cut off after 2 epochs"],
    [{ ablations: { ...NO_ABLATIONS, perClass: true } }, "depart from the method"],
    [{ seeds: [1, 2, 4] }, "panel seeds 3, 5 are missing"],
  ])("but not with %j", (changes, reason) => {
    expect(reasons(micro, changes).join()).toContain(reason);
  });

  test("but not under a protocol of one's own", () => {
    expect(reasons(deriveProtocol(micro, ["epochs=2"]), {})).toEqual([
      "micro-1+custom is not a published protocol",
    ]);
  });
});

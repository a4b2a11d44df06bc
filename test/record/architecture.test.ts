import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ARCHITECTURES,
  Architecture,
  architectureName,
  parseArchitecture,
  tapNames,
} from "../../record/architecture.ts";
import { RecordError } from "../../record/problem.ts";

test.each([
  ["mlp-512", { family: "mlp", width: 512 }],
  ["cnn-16", { family: "cnn", channels: 16 }],
  ["vgg-11", { family: "vgg" }],
  ["resnet-18", { family: "resnet", depth: 18 }],
  ["resnet-20", { family: "resnet", depth: 20 }],
  ["wrn-16-4", { family: "wrn", depth: 16, widen: 4 }],
  ["vit-ti-4", { family: "vit", size: "ti", patch: 4 }],
  ["vit-xs-8", { family: "vit", size: "xs", patch: 8 }],
  ["vit-b-32", { family: "vit", size: "b", patch: 32 }],
  ["mixer-s-16", { family: "mixer", size: "s", patch: 16 }],
])("%s is an architecture and its own canonical name", (name, arch) => {
  expect(parseArchitecture(name)).toEqual(arch);
  expect(architectureName(arch as Architecture)).toBe(name);
});

test("mixer-S has patches of 4 unless it says otherwise", () => {
  expect(architectureName(parseArchitecture("mixer-S"))).toBe("mixer-s-4");
});

const width = fc.integer({ min: 1, max: 1024 });
const patch = fc.integer({ min: 1, max: 64 });
const anyArchitecture: fc.Arbitrary<Architecture> = fc.oneof(
  fc.record({ family: fc.constant("mlp" as const), width }),
  fc.record({ family: fc.constant("cnn" as const), channels: width }),
  fc.record({ family: fc.constant("vgg" as const) }),
  fc.record({ family: fc.constant("resnet" as const), depth: fc.constantFrom(18, 20) }),
  fc.record({
    family: fc.constant("wrn" as const),
    depth: fc.constantFrom(10, 16, 22, 28, 34, 40),
    widen: fc.integer({ min: 1, max: 32 }),
  }),
  fc.record({
    family: fc.constant("vit" as const),
    size: fc.constantFrom("xs", "ti", "s", "b"),
    patch,
  }),
  fc.record({ family: fc.constant("mixer" as const), size: fc.constant("s" as const), patch }),
);

test("every architecture survives being written and read", () => {
  fc.assert(
    fc.property(anyArchitecture, (arch) => {
      expect(parseArchitecture(architectureName(arch))).toEqual(arch);
    }),
  );
});

describe("a name that is wrong is refused, with what was probably meant", () => {
  test.each([
    ["mpl-512", "did you mean mlp-512?"],
    ["resnet-19", "did you mean resnet-18?"],
    ["wrn-16-5-4", "no such architecture"],
    ["wrn-17-4", "depth:"],
    ["vit-t-4", "did you mean vit-ti-4?"],
    ["vit-xl-4", "size:"],
    ["mlp-0512", "no such architecture"],
    ["mlp-0", "no such architecture"],
    ["mlp-99999", "width:"],
    ["vgg-16", "did you mean vgg-11?"],
    ["", "(nothing): no such architecture"],
  ])("%s: %s", (name, message) => {
    expect(() => parseArchitecture(name)).toThrow(RecordError);
    expect(() => parseArchitecture(name)).toThrow(message);
  });
});

test("the example of every family is that family's canonical name", () => {
  for (const { family, example } of ARCHITECTURES) {
    expect(parseArchitecture(example).family).toBe(family);
    expect(architectureName(parseArchitecture(example))).toBe(example);
  }
});

test.each([
  ["mlp-512", ["hidden 1", "hidden 2"]],
  ["cnn-8", ["stage 1", "stage 2", "stage 3"]],
  ["vgg-11", ["stage 1", "stage 2", "stage 3", "stage 4", "stage 5"]],
  ["resnet-20", ["stem", "stage 1", "stage 2", "stage 3"]],
  ["resnet-18", ["stem", "stage 1", "stage 2", "stage 3", "stage 4"]],
  ["wrn-16-4", ["group 1", "group 2", "group 3"]],
  ["vit-b-32", ["block 3", "block 6", "block 9", "mean"]],
  ["mixer-s-4", ["block 2", "block 4", "block 6", "mean"]],
])("the taps of %s are %j", (name, taps) => {
  expect(tapNames(parseArchitecture(name), null)).toEqual(taps);
});

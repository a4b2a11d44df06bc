import { describe, expect, test } from "vitest";
import { deriveProtocol } from "../../../record/derived-protocol.ts";
import { findProtocol, protocols } from "../../../record/protocols.ts";
import {
  headlineNull,
  previousProtocol,
  protocolChanges,
  protocolSections,
} from "../../../site/data/protocol-sections.ts";

const micro = findProtocol("micro-1");

/** Dotted paths to every value that is no group. */
function leafPaths(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => {
    const isGroup = typeof item === "object" && item !== null && !Array.isArray(item);
    return isGroup ? leafPaths(item, `${prefix}${key}.`) : [prefix + key];
  });
}

describe.each(Object.values(protocols))("the page of $name", (protocol) => {
  const fields = protocolSections(protocol).flatMap((section) => section.fields);

  test("explains every field of the document, its name excepted, and none twice", () => {
    const paths = fields.map(({ path }) => path);
    const isShown = (leaf: string) =>
      paths.some((path) => leaf === path || leaf.startsWith(`${path}.`));
    expect(leafPaths(protocol).filter((leaf) => !isShown(leaf))).toEqual(["name"]);
    expect(new Set(paths).size).toBe(paths.length);
  });

  test("never shows a value as JavaScript would", () => {
    for (const { value, help } of fields) {
      expect(value).not.toMatch(/undefined|null|NaN|\[object|^$/);
      expect(help).toMatch(/\.$/);
    }
  });
});

test("the page of a protocol names what width alone gives at its headline n", () => {
  const given = (name: string) =>
    Object.fromEntries(
      headlineNull(findProtocol(name)).map(({ arch, accuracy }) => [arch, accuracy.toFixed(2)]),
    );
  // By SciPy: Gauss-Hermite over the score of the right label, binomial counts of the labels.
  expect(given("cifar10-1")).toMatchObject({ "wrn-16-4": "0.35" });
  expect(given("cifar100-1")).toEqual(given("cifar10-1"));
  expect(given("imagenet-1")).toMatchObject({ "vit-b": "0.48", "vit-s": "0.10", "vit-ti": "0.02" });
  expect(given("micro-1")).toMatchObject({ "cnn-16": "0.19", "wrn-16-4": "0.77" });
});

describe("what changed since the last protocol of the same name", () => {
  const second = { ...deriveProtocol(micro, ["epochs=60", "subset=null"]), name: "micro-2" };
  const tenth = { ...micro, name: "micro-10" };
  const all = [...Object.values(protocols), second, tenth];

  test("the last is the one with the next lower number", () => {
    expect(previousProtocol(second, all)).toBe(micro);
    expect(previousProtocol(tenth, all)).toBe(second);
    expect(previousProtocol(micro, all)).toBeNull();
    expect(previousProtocol(findProtocol("cifar100-1"), all)).toBeNull();
  });

  test("fields that differ are shown before and now, the others are not", () => {
    expect(
      protocolChanges(micro, second).map(({ path, before, value }) => [path, before, value]),
    ).toEqual([
      ["subset", "250 of each class, 2,500 of 50,000", "all 50,000"],
      ["epochs", "30", "60"],
    ]);
    expect(protocolChanges(micro, tenth)).toEqual([]);
  });
});

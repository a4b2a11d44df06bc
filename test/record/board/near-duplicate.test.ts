import { describe, expect, test } from "vitest";
import { isNearDuplicate } from "../../../record/board/notes.ts";
import { findProtocol } from "../../../record/protocols.ts";

describe("a near duplicate", () => {
  const near = (a: string, b: string, arch = "mlp-512") =>
    isNearDuplicate({ arch: "mlp-512", regs: a }, { arch, regs: b });

  test.each([
    ["wd=0.005", "wd=0.0050001"],
    ["wd=0.005,dropout=0.5", "wd=0.00499,dropout=0.501"],
    ["rl=10", "rl=10.05"],
    ["rl=10:confusion@1", "rl=10.05:confusion@1"],
    ["cutout=200", "cutout=201"],
  ])("%s is one of %s", (a, b) => {
    expect(near(a, b)).toBe(true);
    expect(near(b, a)).toBe(true);
    expect(near(a, b, "mlp-513")).toBe(false);
  });

  test.each([
    ["wd=0.005", "wd=0.005"],
    ["wd=0.005", "wd=0.0051"],
    ["wd=0.005", "none"],
    ["wd=0.005", "wd=0.0050001,aug"],
    ["wd=0.005,dropout=0.5", "wd=0.0050001,dropout=0.6"],
    ["rl=10", "rl=10.05:confusion"],
    ["rl=10", "rl=10.05@1"],
    ["recipe", "none"],
  ])("%s is none of %s", (a, b) => {
    expect(near(a, b)).toBe(false);
    expect(near(b, a)).toBe(false);
  });

  test("of the recipe is known where the protocol says what that is", () => {
    const protocol = findProtocol("cifar10-1");
    const { weightDecay, cutout } = protocol.recipe!;
    const regs = `wd=${1.001 * weightDecay},aug${cutout > 0 ? `,cutout=${cutout}` : ""}`;
    const [a, b] = [
      { arch: "vgg-11", regs: "recipe" },
      { arch: "vgg-11", regs },
    ];
    expect(isNearDuplicate(a, b, protocol)).toBe(true);
    expect(isNearDuplicate(a, b)).toBe(false);
  });
});

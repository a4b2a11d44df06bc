/** @file Operations of a step, counted by hand. */

import { expect, test } from "vitest";
import { stepFlops } from "../../bench/training/cases.ts";

const image = { height: 32, width: 32, channels: 3 };

test("an mlp's layers are passed three times, the first only twice", () => {
  const [first, rest] = [3072 * 512, 512 * 512 + 512 * 110];
  expect(stepFlops({ arch: "mlp-512", image })).toBe(2 * (2 * first + 3 * rest));
});

test("a cnn halves the side between its convolutions", () => {
  const first = 32 * 32 * 9 * 3 * 32;
  const rest = 16 * 16 * 9 * 32 * 64 + 8 * 8 * 9 * 64 * 128 + 128 * 110;
  expect(stepFlops({ arch: "cnn-32", image })).toBe(2 * (2 * first + 3 * rest));
});

test("a wide residual network has a 1x1 shortcut only where the width changes", () => {
  const thin = stepFlops({ arch: "wrn-16-1", image });
  const group1 = 4 * 32 * 32 * 9 * 16 * 16;
  const group2 = 16 * 16 * (9 * 16 * 32 + 3 * 9 * 32 * 32 + 16 * 32);
  const group3 = 8 * 8 * (9 * 32 * 64 + 3 * 9 * 64 * 64 + 32 * 64);
  const first = 32 * 32 * 9 * 3 * 16;
  expect(thin).toBe(2 * (2 * first + 3 * (group1 + group2 + group3 + 64 * 110)));
});

test("attention grows with the square of the tokens", () => {
  const block = 64 * 12 * 192 ** 2 + 2 * 64 ** 2 * 192;
  const first = 64 * 48 * 192;
  expect(stepFlops({ arch: "vit-ti-4", image })).toBe(
    2 * (2 * first + 3 * (12 * block + 192 * 110)),
  );
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { collect, folder, jpeg, type Paint, root } from "./painted-images.ts";

describe("for evaluation", () => {
  it("gives every image, the last batch partial", async () => {
    const batches = await collect({});
    expect(batches.map(({ labels }) => labels.length)).toEqual([2, 2, 1]);
  });

  it("cuts out the centre after scaling the shorter side to 256", async () => {
    const white: Paint = (row, column) => (row >= 52 && column >= 309 ? 255 : 0);
    await writeFile(join(root, "val/a/5.JPEG"), await jpeg([512, 1024], white));
    const [batch] = await collect({ files: folder.val, order: Int32Array.of(0), batch: 1 });
    const at = (row: number, column: number) => batch!.images[(row * 224 + column) * 3]!;
    // Halved to 256 x 512, the corner is at row 26 and half-way in column 154; 16 rows and 144 columns are cut off.
    expect(at(10, 11)).toBeGreaterThan(230);
    expect(at(9, 11)).toBeLessThan(25);
    expect(at(10, 9)).toBeLessThan(25);
    expect(Math.abs(at(10, 10) - 128)).toBeLessThan(40);
    expect(at(223, 223)).toBe(255);
  });

  it("leaves a 256-pixel image's centre unscaled", async () => {
    await writeFile(
      join(root, "val/b/6.JPEG"),
      await jpeg([256, 256], (row, column) => (row + column) / 2),
    );
    const [batch] = await collect({ files: folder.val, order: Int32Array.of(1), batch: 1 });
    for (const [row, column] of [
      [0, 0],
      [100, 7],
      [223, 223],
    ] as const)
      expect(
        Math.abs(batch!.images[(row * 224 + column) * 3]! - (row + column + 32) / 2),
      ).toBeLessThan(2);
  });
});

import { join } from "node:path";
import { expect, test } from "vitest";
import { aFolder, writeSweepFolder } from "../world/run-folders.ts";
import { aWholeRun, someMeasures } from "../world/runs.ts";
import type { Run } from "../../record/run.ts";
import { rademark } from "../world/command-line.ts";

/** Two runs whose gap and train loss are these: 2,500 training and 10,000 test samples. */
const pair = (arch: string, regs: string, gap: number, loss: number): Run[] =>
  [1, 2].map((seed) => {
    const run = aWholeRun({ arch, regs, seed });
    const testCorrect = 10_000 * (run.final!.trainCorrect / 2500 - gap);
    return { ...run, final: { ...run.final!, testCorrect, trainLossSum: 2500 * loss } };
  });

// A grid of two architectures and wd, gaps 1 to 4 hundredths. The train loss is turned along wd; the number of
// parameters follows the architecture alone: given arch it says nothing.
test("measures scores a sweep as by hand: tau, granulated tau, information given what is known", async () => {
  const sweep = writeSweepFolder(join(aFolder(), "grid"), [
    pair("mlp-256", "none", 0.01, 0.02),
    pair("mlp-256", "wd=0.005", 0.02, 0.01),
    pair("mlp-512", "none", 0.03, 0.04),
    pair("mlp-512", "wd=0.005", 0.04, 0.03),
  ]);
  const { code, stdout, stderr } = await rademark(["measures", sweep, "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  const { axes, measures } = JSON.parse(stdout) as {
    axes: string[];
    measures: {
      name: string;
      tau: number | null;
      psi: number | null;
      granulated: object;
      conditional: unknown;
    }[];
  };
  expect(axes).toEqual(["arch", "wd"]);
  const loss = measures.find(({ name }) => name === "trainLoss")!;
  expect(loss.tau).toBeCloseTo(1 / 3, 12); // four pairs of six agree, two do not
  expect(loss.granulated).toEqual({ arch: 1, wd: -1 });
  expect(loss.psi).toBe(0);
  expect(loss.conditional).toEqual({
    share: expect.closeTo(1 - (Math.log2(3) - 2 / 3), 12) as number,
    given: [],
  });
  const told = await rademark(["measures", sweep]);
  expect(told.stdout).toContain("micro-1, 4 configurations, which differ in arch, wd.\n");
  expect(told.stdout).toContain("many come only with --measures):\n  epoch that passes");
  expect(told.stdout).not.toMatch(/^margin/m);
  expect(told.stdout).toMatch(/train loss \* +0\.33 +- +0\.00 +0\.082 +nothing\n/);
});

test("a single configuration has no order", async () => {
  const sweep = writeSweepFolder(join(aFolder(), "grid"), [pair("mlp-256", "none", 0.01, 0.02)]);
  const { code, stderr } = await rademark(["measures", sweep]);
  expect(code).toBe(2);
  expect(stderr).toContain("has one configuration with a finished run; an order needs two");
});

test("what runs with --measures carry is scored as the rest", async () => {
  const margins = [0.1, 0.2, 0.4];
  const sweep = writeSweepFolder(
    join(aFolder(), "grid"),
    margins.map((margin, i) =>
      pair("mlp-256", i === 0 ? "none" : `wd=0.00${i}`, 0.03 - i / 100, 0.02).map((run) => ({
        ...run,
        final: { ...run.final!, trainCorrect: 2400, trainCleanCorrect: 2400 },
        measures: { ...someMeasures(), margin },
      })),
    ),
  );
  const { code, stdout } = await rademark(["measures", sweep]);
  expect(code).toBe(0);
  // train accuracy .96 minus test accuracies of .77, .78, .79; the margin rises as the gap falls
  expect(stdout).toMatch(/^margin \* +-1\.00/m);
  expect(stdout).toMatch(/^spectral norms \/ margin \(log\) \* +1\.00/m);
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseArchitecture } from "../../../record/architecture.ts";
import { deriveProtocol } from "../../../record/derived-protocol.ts";
import { headPlaces } from "../../../record/head-places.ts";
import { findProtocol } from "../../../record/protocols.ts";
import { formatRegularizers, parseRegularizers } from "../../../record/regularizers.ts";
import { replicationPlan } from "../../../record/replication/plan.ts";
import { leastVarianceOf, quantityOf } from "../../../record/replication/quantities.ts";
import type { Run } from "../../../record/run.ts";
import { aRun, micro } from "../../world/runs.ts";

const { contrasts, seeds, protocol } = replicationPlan;

test("every cell of the plan can be trained: canonical regularizers, protocols that derive", () => {
  const cells = contrasts.flatMap(({ terms, selected, ranks }) => [
    ...terms.map(({ settings, regs }) => ({ settings, regs })),
    ...ranks.flatMap((each) => each.cells),
    ...selected.flatMap(({ among, chosenAt, settings }) =>
      among.flatMap((regs) => [chosenAt, settings].map((each) => ({ settings: each, regs }))),
    ),
  ]);
  expect(cells.length).toBeGreaterThan(40);
  for (const { settings, regs } of cells) {
    expect(formatRegularizers(parseRegularizers(regs))).toBe(regs);
    deriveProtocol(findProtocol(protocol), settings); // throws for what is no field
  }
});

test("each claim has one contrast for a network, and each network its number of seeds", () => {
  const pairs = contrasts.flatMap(({ claim, networks }) =>
    networks.map((network) => `${claim} ${network}`),
  );
  expect(new Set(pairs).size).toBe(pairs.length);
  const networks = new Set(contrasts.flatMap((each) => each.networks));
  expect([...networks].sort()).toEqual(Object.keys(seeds).sort());
  const known = [...networks].filter((each) => each !== "vit-xs-8"); // to be added, with the grid
  for (const each of known) parseArchitecture(each);
});

test("contrasts are zero where nothing differs: weights add up to 0, but for differences and thresholds", () => {
  const single = ["T2", "T3", "T7", "T8", "Q2", "Q6"]; // one quantity that is a difference, or against a number
  const differences = contrasts.filter(
    ({ claim, ranks }) => !single.includes(claim) && ranks.length === 0,
  );
  for (const { claim, terms, selected } of differences)
    expect([claim, [...terms, ...selected].reduce((sum, { weight }) => sum + weight, 0)]).toEqual([
      claim,
      expect.closeTo(0, 9),
    ]);
});

test("the document has a row for each claim, with its margin, and says how many are tested together", () => {
  const text = readFileSync("docs/replication-plan.md", "utf8");
  for (const { claim, margin } of contrasts)
    expect(text).toMatch(
      new RegExp(`^\\| ${claim} +\\|.*\\| ${margin === 0 ? "0" : margin} +\\|`, "m"),
    );
  for (const family of ["papers", "questions"] as const) {
    const members = contrasts.filter((each) => each.family === family);
    const size = members.reduce((sum, { networks }) => sum + networks.length, 0);
    expect(text).toContain(`\`${family}\` (${size} contrasts)`);
  }
});

/** Counts of the heads at n = 100, by tap and draw; all others stay at chance. */
function withHeads(run: Run, counts: readonly (readonly number[])[]): Run {
  const heads = run.heads!.map((head) =>
    head.n === 100 ? { ...head, final: counts[head.tap - 1]![head.draw]! } : head,
  );
  return { ...run, heads };
}

// A = (correct/2500 - .01)/.99, so 25 correct are 0 and 272.5 are .1
test("quantities by hand: told, first tap, depth over two and three taps", () => {
  const mlp = withHeads(aRun({ arch: "mlp-256", regs: "rl=10" }), [
    [520, 520],
    [50, 1015],
  ]);
  expect(quantityOf("toldAccuracy", mlp, micro)).toBe(0.02);
  expect(quantityOf("firstTapComplexity", mlp, micro)).toBeCloseTo(0.2, 12);
  expect(quantityOf("depthRise", mlp, micro)).toBeCloseTo(0.4 - 0.2, 12); // draw 0 of the last tap is regularized
  const cnn = withHeads(aRun({ arch: "cnn-16" }), [
    [25, 25],
    [2500, 2500],
    [272, 273],
  ]);
  expect(quantityOf("depthRise", cnn, micro)).toBeCloseTo(0.1, 12); // a line's ends do not heed the middle of three
  expect(quantityOf("depthRise", { ...cnn, status: "diverged" }, micro)).toBeNull();
});

test("quantities by hand: the rise of online A leaves out the head that rl= acts on", () => {
  const run = aRun({ arch: "mlp-256", regs: "rl=10" });
  const places = headPlaces(micro, 2);
  const at = (draw: number) =>
    places.findIndex((each) => each.tap === 2 && each.n === 100 && each.draw === draw);
  const epochs = run.epochs.map((epoch, e) => {
    const online = [...epoch.online];
    online[at(0)] = 2500;
    online[at(1)] = e === 0 ? 25 : 520;
    return { ...epoch, seen: 2500, online };
  });
  expect(quantityOf("onlineRise", { ...run, epochs }, micro)).toBeCloseTo(0.2, 12);
});

// a step of A is g = 100/(99 2500), and a number on a grid of step g has variance g^2/12 at least
test("the least variance of a quantity is that of its counts' steps, weighted", () => {
  const squared = (100 / (99 * 2500)) ** 2 / 12;
  const run = (arch: string) => aRun({ arch });
  for (const [name, arch, least] of [
    ["learnedComplexity", "mlp-256", squared],
    ["learnedMinusFrozen", "mlp-256", 2 * squared],
    ["onlineRise", "mlp-256", 2 * squared],
    ["firstTapComplexity", "mlp-256", squared],
    ["depthRise", "mlp-256", 2 * squared], // weights -1, 1
    ["depthRise", "cnn-16", 2 * squared], // -1, 0, 1
    ["depthRise", "vit-xs-8", 1.8 * squared], // -.9, -.3, .3, .9
    ["toldAccuracy", "mlp-256", (1 / 2500) ** 2 / 12],
    ["testAccuracy", "mlp-256", (1 / 10_000) ** 2 / 12],
    ["arbitraryFitted", "mlp-256", (1 / 2500) ** 2 / 12],
  ] as const)
    expect([name, arch, leastVarianceOf(name, run(arch), micro) / least]).toEqual([
      ...[name, arch],
      expect.closeTo(1, 9),
    ]);
  const epochs = aRun().epochs.map((epoch) => ({ ...epoch, seen: 1250 }));
  const online = leastVarianceOf("onlineRise", aRun({ epochs }), micro); // half the samples, twice the step
  expect(online / (2 * 4 * squared)).toBeCloseTo(1, 9);
});

import { expect, test } from "vitest";
import { COMPARED } from "../../record/replication/micro-and-big.ts";
import { replicationPlan } from "../../record/replication/plan.ts";
import { cellKey } from "../../record/replication/reference.ts";
import { plannedCells } from "../../replicate/cells.ts";
import { guessedSeconds } from "../../replicate/cost.ts";
import { plannedSteps, quickSteps } from "../../replicate/steps.ts";
import { planRun } from "../../replicate/training.ts";

const cells = plannedCells();
const find = (network: string, regs: string, settings: string[] = [], headInput = "rms") =>
  cells.find(
    (cell) =>
      cell.network === network &&
      cell.regs === regs &&
      cell.settings.join() === settings.join() &&
      cell.headInput === headInput &&
      cell.base === "micro-1",
  );

test("every cell that a contrast compares is trained, on all seeds that its network shares", () => {
  for (const { networks, terms, selected, ranks } of replicationPlan.contrasts)
    for (const network of networks) {
      const named = [
        ...ranks.flatMap(({ cells }) => cells),
        ...terms.map(({ regs, settings }) => ({ regs, settings })),
        ...selected.flatMap(({ among, settings, chosenAt }) =>
          among.flatMap((regs) => [
            { regs, settings },
            { regs, settings: chosenAt },
          ]),
        ),
      ];
      for (const { regs, settings } of named)
        expect(find(network, regs, settings)?.seeds.length).toBe(replicationPlan.seeds[network]);
    }
});

test("controls of the plan's words are trained: augmentations, noise, fewer heads, head input raw", () => {
  for (const regs of ["aug", "sam=0.05", "rl=10:reversal", "rl=10,noise=0.2"])
    expect(find("mlp-128", regs)?.isListed).toBe(true);
  expect(find("wrn-16-1", "aug")?.seeds).toEqual([1, 2, 3, 4, 5]);
  expect(find("cnn-16", "ls=0.3", [], "raw")?.isListed).toBe(false);
  const fewer = cells.filter(({ settings }) => settings.includes("frozenHeads=false"));
  expect(fewer.map(({ network }) => network).sort()).toEqual(
    Object.keys(replicationPlan.seeds).sort(),
  );
});

test("each cell stands once, trains as it is written, and is listed only where a board would take it", () => {
  expect(new Set(cells.map(cellKey)).size).toBe(cells.length);
  for (const cell of cells) {
    const { configuration, protocol } = planRun(cell, cell.seeds);
    expect([configuration.arch, configuration.regs]).toEqual([cell.network, cell.regs]);
    expect(protocol.name === cell.base && cell.headInput === "rms").toBe(cell.isListed);
  }
  expect(cells.filter(({ isListed }) => isListed).length).toBeGreaterThanOrEqual(60);
});

test("the steps train every seed of every cell, and each entry's panel before it is listed", () => {
  const trained = new Set<string>();
  for (const step of plannedSteps())
    for (const cell of step.cells)
      for (const seed of step.seeds(cell)) {
        const run = `${cellKey(cell)} ${seed}`;
        if (step.kind === "list") expect(trained).toContain(run);
        else trained.add(run);
      }
  const asked = cells.flatMap((cell) => cell.seeds.map((seed) => `${cellKey(cell)} ${seed}`));
  expect([...trained].sort()).toEqual(asked.sort());
  const listed = plannedSteps().flatMap(({ kind, cells }) => (kind === "list" ? cells : []));
  expect(listed.map(cellKey).sort()).toEqual(
    cells
      .filter(({ isListed }) => isListed)
      .map(cellKey)
      .sort(),
  );
});

test("whoever stops early has whole answers: one network after the other, none and rl= before the rest", () => {
  const steps = plannedSteps();
  const networks = steps.map(({ cells: [cell] }) => `${cell!.base} ${cell!.network}`);
  const changes = networks.filter((network, i) => network !== networks[i - 1]);
  expect(changes).toEqual([...new Set(networks)]);
  const [first] = steps;
  expect(first?.title).toBe("mlp-256: the panel");
  expect(first?.cells.slice(0, 2).map(({ regs }) => regs)).toEqual(["none", "rl=10"]);
  expect(first?.seeds(first.cells[0]!)).toEqual([1, 2, 3, 4, 5]);
});

test("--quick fits into a quarter of an hour of two slow cores", () => {
  const seconds = quickSteps().flatMap(({ kind, cells, seeds }) =>
    cells.map((cell) => guessedSeconds(cell) * (kind === "list" ? 3 : seeds(cell).length)),
  );
  expect(seconds).toHaveLength(16);
  expect(seconds.reduce((sum, each) => sum + each, 0) / 2).toBeLessThan(15 * 60);
});

test("micro is compared with big on eight cells that both have", () => {
  expect(COMPARED).toHaveLength(8);
  for (const { network, regs } of COMPARED) {
    expect(find(network, regs)).toBeDefined();
    const big = cells.find(
      (cell) =>
        cell.settings.join() === "epochs=10" && cell.regs === regs && cell.network === network,
    );
    expect([big?.base, big?.seeds.length]).toEqual(["cifar10-1", 3]);
  }
});

import { expect, test } from "vitest";
import type { OutputFolder } from "../../harness/study/run-folder.ts";
import { cutTasks } from "../../harness/study/pool.ts";
import { findProtocol, protocolId } from "../../record/protocols.ts";
import { NO_ABLATIONS } from "../../record/configuration.ts";

const protocol = findProtocol("micro-1");

/** Folders that do not exist: all of their seeds are open. */
function folders(count: number): OutputFolder[] {
  return Array.from({ length: count }, (_, i) => ({
    path: `/nowhere/${i}`,
    protocol,
    configuration: {
      protocol: protocol.name,
      protocolId: protocolId(protocol),
      arch: `mlp-${i + 1}`,
      regs: "none",
      seeds: [1, 2, 3, 4, 5],
      threads: 1,
      engine: "cpu",
      limit: null,
      save: [],
      ablations: NO_ABLATIONS,
    },
  }));
}

const seedsOf = (count: number, jobs: number) =>
  cutTasks(folders(count), jobs).map(({ seeds }) => seeds);

test("one job does every configuration whole, so that its graph is recorded once", () => {
  expect(seedsOf(2, 1)).toEqual([
    [1, 2, 3, 4, 5],
    [1, 2, 3, 4, 5],
  ]);
});

test("a single configuration is spread over the jobs by its seeds", () => {
  expect(seedsOf(1, 2)).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  expect(seedsOf(1, 9)).toEqual([[1], [2], [3], [4], [5]]);
});

test("the odd configuration at the end is spread, the others stay whole", () => {
  expect(seedsOf(3, 2).map(({ length }) => length)).toEqual([5, 5, 2, 3]);
  expect(seedsOf(2, 2).map(({ length }) => length)).toEqual([5, 5]);
  expect(seedsOf(4, 2).map(({ length }) => length)).toEqual([5, 5, 5, 2, 3]);
});

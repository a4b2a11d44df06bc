import { expect, test } from "vitest";
import { nearDuplicatesOf } from "../../record/near-duplicates.ts";
import { findProtocol, protocolId } from "../../record/protocols.ts";
import type { RunMeasures } from "../../record/run-measures.ts";
import { runProblems } from "../../record/statement/run-problems.ts";
import { aRun, measures, micro } from "../world/runs.ts";

test("CIFAR-10 has 227 pairs of 209 test images; other data have no list", () => {
  const pairs = nearDuplicatesOf("cifar10")!;
  expect([pairs.length, new Set(pairs.map(([image]) => image)).size]).toEqual([227, 209]);
  const sorted = [...pairs].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  expect(pairs).toEqual(sorted);
  for (const [image, twin] of pairs) expect([image < 10_000, twin < 50_000]).toEqual([true, true]);
  expect(nearDuplicatesOf("cifar100")).toBeNull();
});

const problems = (nearDuplicates: RunMeasures["nearDuplicates"], protocol = micro) => {
  const run = aRun({ protocol: protocolId(protocol), measures: measures({ nearDuplicates }) });
  return runProblems(run, protocol)
    .filter(({ pointer }) => pointer === "/measures/nearDuplicates")
    .map(({ rule }) => rule);
};

test("a record whose near-duplicates cannot be is refused, with what would do", () => {
  expect(problems(counts(11, 8, 198, 100))).toEqual([]);
  expect(problems(counts(11, 8, 197, 100))).toEqual(["209 images in all"]);
  const fit = "no more correct than images, as 4500 are in all";
  expect(problems(counts(11, 12, 198, 100))).toEqual([fit]);
  expect(problems(counts(11, 8, 198, 199))).toEqual([fit]);
  expect(problems(null)).toEqual(["counts"]);
  const cifar100 = findProtocol("cifar100-1");
  expect(problems(counts(0, 0, 209, 9), cifar100)).toEqual([
    "null, as the data set has no list of them",
  ]);
  expect(problems(null, cifar100)).toEqual([]);
});

function counts(trained: number, right: number, others: number, more: number) {
  return {
    trained: { images: trained, correct: right },
    others: { images: others, correct: more },
  };
}

/** @file `rademark compare A B` */

import { resolve } from "node:path";
import { type Comparison, compareOutcomes } from "../../../record/comparison.ts";
import { EXIT, UserError } from "../../errors.ts";
import { readStudy } from "../../report/study.ts";
import { defineCommand } from "../command.ts";
import { commonArguments, jsonArgument } from "../common-arguments.ts";
import { comparisonTable, type Side } from "../comparison-table.ts";
import { text } from "../values.ts";

const folder = { placeholder: "DIR", positional: true, read: text } as const;

export const compare = defineCommand({
  meta: {
    summary: "paired differences between runs over their shared seeds",
    details:
      "Differences are A minus B, paired by seed, with 95 % t-intervals; p-values are corrected for the\n" +
      "number of pairs (Holm). A sweep's folder stands for all of its configurations.",
    examples: ["rademark compare runs/a runs/b --json", "rademark compare runs/grid"],
  },
  args: {
    a: { ...folder, placeholder: "A", summary: "output folder of a run or a sweep" },
    b: { ...folder, placeholder: "B", summary: "another one", fallback: null },
    json: jsonArgument,
    ...commonArguments,
  },
  run({ a, b, json }, { out, cwd }) {
    const sides = [a, ...(b === null ? [] : [b])].flatMap((place) => readSides(place, cwd));
    requireComparable(sides);
    const comparisons = compareOutcomes(sides.map(({ outcome }) => outcome));
    out(json ? documentOf(sides, comparisons) : comparisonTable(sides, comparisons));
    return Promise.resolve(EXIT.ok);
  },
});

function readSides(place: string, cwd: string): Side[] {
  const { configurations } = readStudy(resolve(cwd, place));
  const sides = configurations.flatMap(({ outcome }) =>
    outcome === null ? [] : [{ folder: place, outcome }],
  );
  if (sides.length > 0) return sides;
  throw new UserError(`${place} has no finished seed yet. Go on with: rademark resume ${place}`);
}

function requireComparable(sides: Side[]): void {
  if (sides.length < 2)
    throw new UserError("B is missing: a single run has nothing to compare with.");
  const [first, ...others] = sides;
  const stranger = others.find(({ outcome }) => outcome.protocolId !== first!.outcome.protocolId);
  if (stranger)
    throw new UserError(
      `${stranger.folder} follows another protocol (${stranger.outcome.protocol}) than ${first!.folder} (${first!.outcome.protocol}): their numbers cannot be compared.`,
    );
}

function documentOf(sides: Side[], comparisons: Comparison[]): string {
  const [first] = sides;
  const configurations = sides.map(({ folder, outcome: { arch, regs, params } }) => ({
    folder,
    arch,
    regs,
    params,
  }));
  const { protocol, protocolId } = first!.outcome;
  return `${JSON.stringify({ protocol, protocolId, configurations, comparisons }, null, 2)}\n`;
}

/** @file `rademark compare A B` */

import { resolve } from "node:path";
import { type Comparison, compareOutcomes } from "../../../record/comparison.ts";
import { type Difference, differences } from "../../../record/conditions.ts";
import { EXIT, UserError } from "../../errors.ts";
import { conditionsOf, readStudy, requireOneProtocol } from "../../report/trained.ts";
import { writerOf } from "../../sweep/lock.ts";
import { defineCommand } from "../command.ts";
import { commonArguments, jsonArgument } from "../common-arguments.ts";
import { type Side, comparisonTable, nameIn } from "../comparison-table.ts";
import type { Effects } from "../effects.ts";
import { text } from "../values.ts";

const folder = { placeholder: "DIR", positional: true, read: text } as const;

export const compare = defineCommand({
  meta: {
    summary: "paired differences between runs over their shared seeds",
    details:
      "Differences are A minus B, paired by seed, with 95 % t-intervals; p-values are corrected for the\n" +
      "number of pairs (Holm). A sweep's folder stands for all of its configurations. Whatever else decides\n" +
      "numbers and differs is named; what another protocol would decide (a limit, a changed\n" +
      "field, other heads) is refused.",
    examples: ["rademark compare runs/a runs/b --json", "rademark compare runs/grid"],
  },
  args: {
    a: { ...folder, placeholder: "A", summary: "output folder of a run or a sweep" },
    b: { ...folder, placeholder: "B", summary: "another one", fallback: null },
    json: jsonArgument,
    ...commonArguments,
  },
  run({ a, b, json }, { out, err, cwd }) {
    const sides = [a, ...(b === null ? [] : [b])].flatMap((place) =>
      readSides(place, { cwd, err }),
    );
    if (sides.length < 2)
      throw new UserError("B is missing: a single run has nothing to compare with.");
    const differing = differences(sides.map(({ conditions }) => conditions));
    requireOneProtocol(differing, sides.map(nameIn(sides)), "These are");
    const comparisons = compareOutcomes(sides.map(({ outcome }) => outcome));
    out(
      json
        ? documentOf(sides, differing, comparisons)
        : comparisonTable(sides, differing, comparisons),
    );
    return Promise.resolve(EXIT.ok);
  },
});

function readSides(place: string, { cwd, err }: Pick<Effects, "cwd" | "err">): Side[] {
  const { configurations } = readStudy(resolve(cwd, place));
  for (const { folder } of configurations) {
    const writer = writerOf(folder.path);
    if (writer !== null)
      err(`${folder.path}: ${writer} is writing into it; these are its numbers of this moment.\n`);
  }
  const sides = configurations.flatMap((trained) => {
    const { outcome } = trained;
    return outcome === null ? [] : [{ folder: place, outcome, conditions: conditionsOf(trained) }];
  });
  if (sides.length > 0) return sides;
  throw new UserError(`${place} has no finished seed yet. Go on with: rademark resume ${place}`);
}

function documentOf(
  sides: Side[],
  differing: readonly Difference[],
  comparisons: Comparison[],
): string {
  const [first] = sides;
  const configurations = sides.map(({ folder, outcome: { arch, regs, params } }) => ({
    folder,
    arch,
    regs,
    params,
  }));
  const { protocol, protocolId } = first!.outcome;
  const document = { protocol, protocolId, configurations, differences: differing, comparisons };
  return `${JSON.stringify(document, null, 2)}\n`;
}

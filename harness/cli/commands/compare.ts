/** @file `rademark compare A B` */

import { statSync } from "node:fs";
import { resolve } from "node:path";
import { type Comparison, compareOutcomes } from "../../../record/board/comparison.ts";
import {
  FEWEST_SEEDS,
  QUANTITY_WORDS,
  areOrdersOpposite,
  pointsText,
} from "../../../record/board/comparison-words.ts";
import {
  type Conditions,
  type Difference,
  differences,
} from "../../../record/statement/conditions.ts";
import { differenceText } from "../../../record/statement/difference-words.ts";
import { EXIT, UserError } from "../../errors.ts";
import { onDisk } from "../../files.ts";
import { conditionsOf, readStudy, requireOneProtocol } from "../../study/trained.ts";
import { dataWords } from "../../data/local/data-note.ts";
import { comparisonNotes, comparisonTable, wrapped } from "../../probe/comparison-text.ts";
import { joinProbes, readProbe } from "../../probe/kept-probes.ts";
import { widthsDiffer } from "../../probe/notices.ts";
import { compareTaps } from "../../probe/probe-comparison.ts";
import { writerOf } from "../../train/run-lock.ts";
import { commonArguments, defineCommand, jsonArgument, text } from "../command.ts";
import type { Effects } from "../../effects.ts";
import type { Outcome } from "../../../record/summary.ts";
import { formatFinePercent } from "../../format.ts";
import { type Column, formatTable } from "../../terminal-table.ts";

const folder = { placeholder: "DIR", positional: true, read: text } as const;

export const command = defineCommand({
  meta: {
    details:
      "Differences are A minus B, paired by seed, with 95 % t-intervals; p-values are corrected for all\n" +
      "that is shown, every pair in every quantity (Holm). A sweep's folder stands for all of its\n" +
      "configurations. Other differences that affect the numbers are named; those that amount to another\n" +
      "protocol (a limit, a changed field, other heads) are refused. Documents of rademark probe --json are\n" +
      "compared in capacity, paired by labelling; one of several files stands for all of them.",
    examples: [
      "rademark compare runs/a runs/b --json",
      "rademark compare runs/grid",
      "rademark compare a.json b.json",
    ],
  },
  args: {
    a: {
      ...folder,
      placeholder: "A",
      summary: "output folder of a run or a sweep, or a probe's document",
    },
    b: { ...folder, placeholder: "B", summary: "another one", fallback: null },
    json: jsonArgument,
    ...commonArguments,
  },
  run({ a, b, json }, effects) {
    const places = [a, ...(b === null ? [] : [b])];
    const files = places.filter((place) => isFile(resolve(effects.cwd, place)));
    if (files.length === places.length) compareProbes(places, json, effects);
    else if (files.length === 0) compareRuns(places, json, effects);
    else
      throw new UserError(
        `${files[0]!} is a file, ${places.find((place) => place !== files[0])} is not: runs are compared with runs, ` +
          "probes with probes. To compare a run with other features, probe what run --save features writes.",
      );
    return Promise.resolve(EXIT.ok);
  },
});

function isFile(path: string): boolean {
  return onDisk(() => statSync(path, { throwIfNoEntry: false }))?.isFile() ?? false;
}

function compareProbes(places: string[], json: boolean, { out, cwd }: Effects): void {
  const probes = places.map((place) => readProbe(place, cwd));
  const { taps, names, samples, doubts } = joinProbes(probes);
  const comparisons = compareTaps(taps, samples);
  const notices = widthsDiffer(taps, comparisons);
  if (json) {
    const { seed, index } = probes[0]!.document;
    const sides = taps.map(({ tap, name, width }, i) => ({ file: names[i]!, tap, name, width }));
    const document = { samples, seed, index: index.sha256, taps: sides, comparisons, notices };
    return out(`${JSON.stringify(document, null, 2)}\n`);
  }
  const sides = { taps, names };
  const notes = [
    ...comparisonNotes(comparisons, sides),
    ...[...doubts, ...new Set(notices.map(({ message }) => message))].map(wrapped),
  ];
  out(`${[comparisonTable(comparisons, sides), ...notes].join("\n")}\n`);
}

function compareRuns(places: string[], json: boolean, { out, err, cwd }: Effects): void {
  const sides = places.flatMap((place) => readSides(place, { cwd, err }));
  if (sides.length < 2)
    throw new UserError("B is missing: a single run has nothing to compare with.");
  const differing = differences(sides.map(({ conditions }) => conditions));
  requireOneProtocol(differing, sides.map(nameIn(sides)), "These are");
  const comparisons = compareOutcomes(
    sides.map(({ outcome }) => outcome),
    sides[0]!,
  );
  out(json ? documentOf(sides, differing, comparisons) : runsTable(sides, differing, comparisons));
}

function readSides(place: string, { cwd, err }: Pick<Effects, "cwd" | "err">): Side[] {
  const { configurations } = readStudy(resolve(cwd, place));
  for (const { folder } of configurations) {
    const writer = writerOf(folder.path);
    if (writer !== null)
      err(`${folder.path}: ${writer} is writing into it; these are its numbers at this moment.\n`);
  }
  const sides = configurations.flatMap((trained) => {
    const { outcome } = trained;
    const { headline } = trained.folder.protocol;
    const conditions = conditionsOf(trained);
    const data = dataWords(trained.folder);
    return outcome === null ? [] : [{ folder: place, outcome, headline, conditions, data }];
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
  const { data } = first!;
  const document = {
    protocol,
    protocolId,
    data,
    configurations,
    differences: differing,
    comparisons,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** One side of a comparison. */
interface Side {
  /** As it was typed. */
  folder: string;
  outcome: Outcome;
  /** The protocol's. */
  headline: number;
  conditions: Conditions;
  /** The data set, somebody's own with its name. */
  data: string;
}

const columns: Column[] = [
  { title: "quantity", align: "left" },
  { title: "A", align: "left" },
  { title: "B", align: "left" },
  { title: "seeds", align: "right" },
  { title: "A - B", align: "right" },
  { title: "95 % interval", align: "right" },
  { title: "p", align: "right" },
  { title: "verdict", align: "left" },
];

/** The table, and notes on what may be concluded from it. */
function runsTable(
  sides: Side[],
  differing: readonly Difference[],
  comparisons: Comparison[],
): string {
  const shown = sides.map(nameIn(sides));
  const rows = comparisons.map((comparison) => {
    const { quantity, a, b, seeds, difference, p, verdict } = comparison;
    return [
      QUANTITY_WORDS[quantity],
      shown[a]!,
      shown[b]!,
      String(seeds.length),
      signed(difference?.mean ?? null),
      interval(comparison),
      p === null ? "-" : p.toPrecision(2),
      verdict.replace("a is", "A is"),
    ];
  });
  const on = `On ${[...new Set(sides.map(({ data }) => data))].join(" and ")}.`;
  const notes = new Set([on, familyText(comparisons), ...runNotes(comparisons, shown)]);
  for (const difference of differing)
    notes.add(`Not the same: ${differenceText(difference, shown)}.`);
  return `${[formatTable(columns, rows), ...notes].join("\n")}\n`;
}

/** What p-values are of: Holm's correction is over everything in the table that could be tested. */
function familyText(comparisons: readonly Comparison[]): string {
  const tests = comparisons.filter(({ p }) => p !== null).length;
  const corrected = tests > 1 ? `, Holm-corrected over all ${tests} tests shown` : "";
  return `p: paired t-test over the seeds that both completed${corrected}; intervals are not corrected.`;
}

function runNotes(comparisons: readonly Comparison[], shown: readonly string[]): string[] {
  const opposed = [...Map.groupBy(comparisons, ({ a, b }) => `${a} ${b}`).values()].filter(
    areOrdersOpposite,
  );
  return [
    ...comparisons.flatMap((comparison) => note(comparison, shown)),
    ...opposed.map(
      ([{ a, b } = comparisons[0]!]) =>
        `${shown[a]} and ${shown[b]}: learned complexity and capacity put them in opposite orders.`,
    ),
  ];
}

/** One sentence on a verdict that finds no difference. */
function note(comparison: Comparison, shown: readonly string[]): string[] {
  const { quantity, a, b, seeds, verdict, identical } = comparison;
  const { criticalDifference, detectableDifference } = comparison;
  const pair = `${shown[a]} and ${shown[b]}`;
  const name = QUANTITY_WORDS[quantity];
  if (verdict === "too few shared seeds")
    return [
      `${pair}: ${seeds.length} shared ${seeds.length === 1 ? "seed" : "seeds"} with ${name} ${seeds.length === 1 ? "is" : "are"} too few for any statement; it takes ${FEWEST_SEEDS}.`,
    ];
  if (verdict !== "not distinguishable") return [];
  if (identical) return [`${pair}: the same ${name} with each of ${seeds.length} seeds.`];
  const [critical, detectable] = [criticalDifference!, detectableDifference!].map((share) =>
    formatDifference(share),
  );
  return [
    `${pair}: not distinguishable in ${name}; over ${seeds.length} seeds an observed difference had to exceed ${critical}, ` +
      `and a true one of ${detectable} would be found with power .8.`,
  ];
}

/** Names a side among the others: with its folder where the configuration is not unique. */
function nameIn(sides: readonly Side[]): (side: Side) => string {
  const nameOf = ({ outcome: { arch, regs } }: Side) => `${arch} ${regs}`;
  return (side) => {
    const isAlone = sides.filter((other) => nameOf(other) === nameOf(side)).length === 1;
    return isAlone ? nameOf(side) : `${nameOf(side)} (${side.folder})`;
  };
}

function interval({ difference }: Comparison): string {
  if (difference === null || difference.low === null) return "-";
  return `${signed(difference.low)} to ${signed(difference.high)}`;
}

function signed(value: number | null): string {
  if (value === null) return "-";
  return `${value < 0 ? "-" : "+"}${formatDifference(Math.abs(value))}`;
}

/** As it is shown elsewhere, but what is not zero never as zero. */
function formatDifference(value: number): string {
  const shown = formatFinePercent(value);
  return value === 0 || /[1-9]/.test(shown) ? shown : `${pointsText(value)} %`;
}

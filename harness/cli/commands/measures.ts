/** @file `rademark measures DIR` */

import { resolve } from "node:path";
import {
  type MeasureScore,
  measureScores,
  measuredEntry,
} from "../../../record/board/measure-scores.ts";
import {
  type ConditionalInformation,
  type GridPoint,
  conditionalInformation,
  granulatedTau,
} from "../../../record/statistics/measure-dependence.ts";
import { EXIT, UserError } from "../../errors.ts";
import { readStudy } from "../../study/trained.ts";
import { formatTable } from "../../terminal-table.ts";
import { commonArguments, defineCommand, jsonArgument, text } from "../command.ts";

export const command = defineCommand({
  meta: {
    details:
      "For each measure that the runs carry: does it put the configurations of a sweep in the order of their\n" +
      "generalization gaps? Kendall's tau-b, with an interval from eight architectures on, and partial, given width\n" +
      "and train loss; within the sweep's lines, which differ in one thing alone (granulated); and what share of the\n" +
      "gap's order it tells once up to two hyperparameters are known (docs/method.md, section 5).",
    examples: ["rademark measures runs/grid", "rademark measures runs/grid --json"],
  },
  args: {
    folder: {
      summary: "output folder of a sweep",
      placeholder: "DIR",
      positional: true,
      read: text,
    },
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ folder, json }, effects) {
    const found = await measuredStudy(resolve(effects.cwd, folder), folder);
    if (json) effects.out(`${JSON.stringify(found, null, 2)}\n`);
    else effects.out(textOf(found));
    return EXIT.ok;
  },
});

interface Measured {
  protocol: string;
  configurations: number;
  /** What differs between configurations: `arch`, and names of regularizers. */
  axes: string[];
  measures: (Omit<MeasureScore, "points"> & {
    /** By axis: mean tau within the lines along it. */
    granulated: Record<string, number | null>;
    psi: number | null;
    conditional: { share: number; given: string[] } | null;
  })[];
}

async function measuredStudy(path: string, shown: string): Promise<Measured> {
  const { protocol, configurations } = readStudy(path);
  const rows = configurations.flatMap(({ runs, folder: { configuration } }, i) => {
    const { arch, regs } = configuration;
    if (runs.length === 0) return [];
    const entry = measuredEntry(`${i}`, { arch, regs, panel: runs, fresh: [] }, protocol);
    return [{ entry, coordinates: coordinatesOf(arch, regs) }];
  });
  if (rows.length < 2)
    throw new UserError(
      `${shown} has ${rows.length === 1 ? "one configuration" : "no configuration"} with a finished run; an order needs two. Go on with rademark resume ${shown}, or add configurations to the sweep.`,
    );
  const names = [...new Set(rows.flatMap(({ coordinates }) => [...coordinates.keys()]))];
  const valueOn = (axis: string, row: (typeof rows)[number]) => row.coordinates.get(axis) ?? "none";
  const axes = names.filter((axis) => new Set(rows.map((row) => valueOn(axis, row))).size > 1);
  const scores = await measureScores(rows.map(({ entry }) => entry));
  const measures = scores.map(({ points: _, ...score }) => {
    const points = rows.flatMap((row): GridPoint[] => {
      const { gap, measures } = row.entry;
      const measure = measures[score.name];
      if (gap === null || measure === null) return [];
      return [{ coordinates: axes.map((axis) => valueOn(axis, row)), measure, gap }];
    });
    const { byAxis, psi } = granulatedTau(points, axes.length);
    const conditional = conditionalInformation(points, axes.length);
    return {
      ...score,
      granulated: Object.fromEntries(axes.map((axis, i) => [axis, byAxis[i]!])),
      psi,
      conditional: conditional && given(conditional, axes),
    };
  });
  return { protocol: protocol.name, configurations: rows.length, axes, measures };
}

const given = ({ share, axes: set }: ConditionalInformation, axes: readonly string[]) => ({
  share,
  given: set.map((axis) => axes[axis]!),
});

/** `wd=0.005,aug` of mlp-256 is {arch: "mlp-256", wd: "0.005", aug: "yes"}; a regularizer that is not there is `none`. */
function coordinatesOf(arch: string, regs: string): Map<string, string> {
  const items = regs === "none" ? [] : regs.split(",").map((item) => item.split("="));
  return new Map([
    ["arch", arch],
    ...items.map(([name, value = "yes"]) => [name!, value] as const),
  ]);
}

function textOf({ protocol, configurations, axes, measures }: Measured): string {
  const number = (value: number | null) => (value === null ? "-" : value.toFixed(2));
  const missing = measures.filter(({ entries }) => entries === 0).map(({ title }) => title);
  const there = measures.filter(({ entries }) => entries > 0);
  const rows = there.map(({ title, coupled, tau, low, high, partialTau, psi, conditional }) => [
    `${title}${coupled ? " *" : ""}`,
    low === null || high === null
      ? number(tau)
      : `${number(tau)} (${number(low)} to ${number(high)})`,
    number(partialTau),
    number(psi),
    conditional === null ? "-" : conditional.share.toFixed(3),
    conditional === null ? "" : conditional.given.join(", ") || "nothing",
  ]);
  const table = formatTable(
    [
      { title: "measure", align: "left" },
      { title: "tau", align: "right" },
      { title: "partial", align: "right" },
      { title: "granulated", align: "right" },
      { title: "information", align: "right" },
      { title: "given", align: "left" },
    ],
    rows,
  );
  return (
    `${protocol}, ${configurations} configurations, which differ in ${axes.join(", ") || "nothing"}.\n${table}` +
    "tau: Kendall's tau-b of measure and generalization gap, each a mean over seeds; partial: given width and train loss, from\n" +
    "eight configurations on; granulated: mean over what differs of tau where nothing else does. Information: the share of the\n" +
    "gap's order that the measure's tells, least over all choices of up to two hyperparameters as known. - : not defined here.\n" +
    (missing.length === 0
      ? ""
      : `Of no configuration here (docs/method.md, section 5; many come only with --measures):\n  ${missing.join(", ")}.\n`) +
    "* shares the gap's train accuracy or loss by construction. An order is no cause: change one thing, and look again.\n"
  );
}

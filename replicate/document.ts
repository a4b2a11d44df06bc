/** @file docs/replication.md, written from the findings. */

import { CLAIMS, type Claim } from "../record/replication/claims.ts";
import type { Findings, Verdict } from "../record/replication/findings.ts";
import {
  decimal,
  decimalInterval,
  percent,
  percentInterval,
  plural,
} from "../site/charts/numbers.ts";
import {
  chosenWords,
  contrastNumber,
  contrastUnit,
  controlWords,
  isEstimated,
  pWords,
  reproductionWords,
  testWords,
  untestableWords,
  verdictWords,
  wrongSteps,
} from "../site/charts/verdict-words.ts";

type ClaimFindings = Findings["claims"][number];

export function replicationDocument(findings: Findings): string {
  return `${[
    "# What came of it",
    INTRODUCTION,
    standing(findings),
    "## All verdicts",
    matrix(findings),
    LEGEND,
    ...findings.claims.flatMap((claim) => section(claim, findings)),
    "## Does complexity explain the gap?",
    explanation(findings),
    ...runsTable(findings),
  ].join("\n\n")}\n`;
}

const INTRODUCTION =
  "Written by `npm run findings` from `reference/log.jsonl.gz` and `reference/runs.jsonl.gz`; do not edit it. The plan came first:\n" +
  "[replication-plan.md](replication-plan.md) says what each contrast is, when it holds or fails, and what stands beside it. One party\n" +
  "held log, client and key of the reference, so its challenges prove nothing to others; reproductions by other machines do.";

function standing({ plan, runs, reproductions, families, alpha }: Findings): string {
  const tests = families.map(
    ({ name, contrasts, tested }) => `\`${name}\` ${tested} of ${contrasts}`,
  );
  const read =
    runs.listed + runs.unlisted === 0
      ? "No run of the reference is there yet, so there is no verdict."
      : `Read: ${plural(runs.listed, "run")} in ${plural(runs.entries, "listed entry", "listed entries")}, ${runs.unlisted} not in a log. ${reproductionWords(reproductions)}`;
  return `Plan version ${plan}. ${read} Contrasts that could be tested: ${tests.join(", ")}. Holm at ${alpha} is over all of a family, tested or not.`;
}

function matrix({ networks, claims, labellings }: Findings): string {
  const cell = ({ verdicts, id }: ClaimFindings, network: string) => {
    if (id === "Q4") return isEstimated(labellings, network) ? "below" : "not yet run";
    return verdicts.find((each) => each.network === network)?.status ?? "–";
  };
  return table(
    ["claim", ...networks],
    claims.map((claim) => [
      `[${claim.id}](#${claim.id.toLowerCase()})`,
      ...networks.map((network) => cell(claim, network)),
    ]),
  );
}

const LEGEND =
  "–: not testable here, for the reason given below. _Not yet run_ is no verdict: runs are missing, which the plan counts as\n" +
  "inconclusive as long as they are.";

function section({ id, verdicts, untestable }: ClaimFindings, findings: Findings): string[] {
  const claim = CLAIMS.find((each) => each.id === id)!;
  const reasons = untestable.map((each) => untestableWords(each, findings.networks));
  return [
    `## <a id="${id.toLowerCase()}"></a>${id}. ${claim.title}`,
    verdicts.length > 0 || id === "Q4" ? `${claim.claimed} ${contrastWords(claim)}` : claim.claimed,
    ...(verdicts.length === 0 ? [] : [verdictTable(id, verdicts)]),
    ...(id === "Q4" ? [labellingTable(findings)] : []),
    ...notes(verdicts),
    ...controls(id, verdicts),
    ...reasons,
  ];
}

const contrastWords = ({ contrast }: Claim) => `**d**: ${contrast}`;

function verdictTable(id: string, verdicts: readonly Verdict[]): string {
  if (verdicts.every(({ differing }) => differing !== null))
    return table(
      ["network", "runs", "verdict"],
      verdicts.map((each) => [each.network, runsWords(each), verdictWords(each)]),
    );
  return table(
    [
      "network",
      `d (${contrastUnit(id)}) [interval at Holm's level]`,
      "margin",
      "p, Holm",
      "seeds",
      "runs",
      "verdict",
    ],
    verdicts.map((each) => [
      each.network,
      each.test ? testWords(id, each.test) : "–",
      contrastNumber(id, each.margin),
      each.test ? pWords(each.test) : "–",
      each.test ? String(each.seeds.length) : "–",
      runsWords(each),
      `**${verdictWords(each)}**`,
    ]),
  );
}

/** How many there are, and in which entries. */
function runsWords({ cells }: Verdict): string {
  const found = cells.reduce((sum, each) => sum + each.found, 0);
  const entries = new Set(cells.flatMap((each) => each.entries)).size;
  return entries === 0 ? String(found) : `${found}, ${plural(entries, "entry", "entries")}`;
}

/** What was chosen, every level, and steps that go the other way. */
function notes(verdicts: readonly Verdict[]): string[] {
  const lines = verdicts.flatMap((each) => {
    const levels = each.levels.filter(({ value }) => value !== null);
    const parts = [
      ...chosenWords(each).map((words) => `taken for the best: ${words}`),
      ...(levels.length === 0
        ? []
        : [levels.map(({ name, value }) => `${name} ${percentInterval(value)}`).join(", ")]),
      ...wrongSteps(each).map((words) => `**${words}**`),
    ];
    return parts.length === 0 ? [] : [`- ${each.network}: ${parts.join("; ")}.`];
  });
  return lines.length === 0
    ? []
    : [`In detail, levels in % (means over seeds with 95 % intervals):\n\n${lines.join("\n")}`];
}

function controls(id: string, verdicts: readonly Verdict[]): string[] {
  const titles = [...new Set(verdicts.flatMap((each) => each.controls.map(({ title }) => title)))];
  const rows = titles.map((title) => [
    title,
    ...verdicts.map((each) => {
      const found = each.controls.find((control) => control.title === title);
      return found ? controlWords(id, found.value) : "";
    }),
  ]);
  const isKnown = verdicts.some((each) => each.controls.some(({ value }) => value !== null));
  if (!isKnown) return [];
  return [
    `Beside it, not tested (${contrastUnit(id)}, mean over seeds with 95 % interval; –: not run, or a run diverged):`,
    table(["control", ...verdicts.map(({ network }) => network)], rows),
  ];
}

/** Standard deviations, as those have the unit of what varies. */
function labellingTable({ labellings }: Findings): string {
  const deviation = (value: number | null) =>
    value === null ? "–" : percent(Math.sqrt(Math.max(0, value)), 2);
  const bounds = (low: number | null, high: number | null, text: (value: number) => string) =>
    `[${low === null ? "unbounded" : text(low)}, ${high === null ? "unbounded" : text(high)}]`;
  const rows = labellings.map(({ network, seeds, redraws, components }) => {
    if (components === null) return [network, `${seeds}`, "–", "–", "–", "**not yet run**"];
    const { labelling, seed, ratio } = components;
    return [
      network,
      `${seeds} x ${redraws}`,
      `${deviation(labelling.value)} ${bounds(labelling.low, labelling.high, deviation)}`,
      `${deviation(seed.value)} ${bounds(seed.low, seed.high, deviation)}`,
      `${ratio.value === null ? "unbounded" : decimal(ratio.value)} ${bounds(ratio.low, ratio.high, decimal)}`,
      "an estimate",
    ];
  });
  return table(
    [
      "network",
      "seeds x labellings",
      "deviation over labellings (points)",
      "over seeds (points)",
      "ratio of variances",
      "",
    ],
    rows,
  );
}

function explanation({ explanation: { within, overAll, interventions } }: Findings): string {
  if (interventions.length === 0 && within.length === 0) return "Not yet run.";
  return [
    "Kendall's tau-b with the gap, over ways of training; mean over seeds with 95 % interval. No test, and no claim.",
    table(
      ["", "complexity", "configurations", "tau", "partial"],
      [
        ...overAll.map((each) => [
          plural(each.networks, "network"),
          NAMES[each.complexity],
          String(each.configurations),
          decimalInterval(each.tau),
          `${decimalInterval(each.partial)} (given width and train loss)`,
        ]),
        ...within.map((each) => [
          each.network,
          NAMES[each.complexity],
          String(each.configurations),
          decimalInterval(each.tau),
          `${decimalInterval(each.partial)} (given train loss)`,
        ]),
      ],
    ),
    "What each way of training changes against `none`, in points, paired by seed:",
    table(
      ["network", "with", "learned complexity", "capacity", "gap", "test accuracy"],
      interventions.map(({ network, regs, changes }) => [
        ...[network, `\`${regs}\``],
        ...[changes.learnedComplexity, changes.capacity, changes.gap, changes.testAccuracy].map(
          (each) => percentInterval(each),
        ),
      ]),
    ),
  ].join("\n\n");
}

/** Every cell that was read once, with the entries that hold its runs. */
function runsTable({ claims, labellings }: Findings): string[] {
  const named = [...claims.flatMap(({ verdicts }) => verdicts), ...labellings].flatMap(
    ({ network, cells }) => cells.map((cell) => ({ ...cell, place: `${network} ${cell.name}` })),
  );
  const rows = [...new Map(named.map((cell) => [cell.place, cell])).values()].filter(
    ({ found }) => found > 0,
  );
  if (rows.length === 0) return [];
  return [
    "## The runs",
    "Planned runs of every cell that a contrast reads, and the first digits of the listed entry that holds some of them (`rademark verify`; the page `/findings/` has the links). –: in no log.",
    table(
      ["cell", "runs", "diverged", "entry"],
      rows.map(({ place, found, asked, diverged, entries }) => [
        ...[place, `${found} of ${asked}`, String(diverged)],
        entries.map((entry) => `\`${entry.slice(0, 16)}\``).join(", ") || "–",
      ]),
    ),
  ];
}

const NAMES = { learnedComplexity: "learned complexity", capacity: "capacity" } as const;

/** As prettier writes it: columns as wide as their widest cell. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, i) =>
    Math.max(3, title.length, ...rows.map((row) => row[i]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(titles), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join(
    "\n",
  );
}

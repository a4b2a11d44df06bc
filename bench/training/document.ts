/** @file docs/benchmarks.md: its tables of speeds and goals, and which goals are met. */

import { existsSync, readFileSync } from "node:fs";
import { writeAtomic } from "../../harness/files.ts";
import { type BenchResult, LOADER_MODEL, type Overhead, type Row } from "./bench.ts";
import { left, right } from "./markdown-table.ts";
import type { MemoryAnswer } from "./race-questions.ts";
import { STUDY_GOAL, type Table, asMarkdown, writeStudies } from "./study.ts";

/** What stands between these lines is the benchmark's; the rest of the file is a person's. */
const BEGIN = "<!-- written by `npm run bench -- --write` -->";

const END = "<!-- end of what is written -->";

/** Replaces the measured parts of the document, or begins one; what was not measured stays. */
export function writeDocument(path: string, result: BenchResult): void {
  if (result.studies.length > 0) writeStudies(path, result.studies, result.environment);
  if (result.rows.length === 0 && Object.keys(result.overhead).length === 0) return;
  const old = existsSync(path) ? readFileSync(path, "utf8") : `# Benchmarks\n\n${BEGIN}\n${END}\n`;
  const [head, rest] = old.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (tail === undefined) throw new Error(`${path} has lost the lines between which it is written`);
  writeAtomic(path, `${head}${BEGIN}\n\n${measured(result)}\n${END}${tail}`);
}

function measured(result: BenchResult): string {
  const { environment, versions, sgemmFlops } = result;
  const gibibytes = Math.round(environment.memoryBytes / 2 ** 30);
  const facts = [
    `- machine: ${environment.cpu}, ${environment.cores} cores, ${gibibytes} GiB, ${environment.os}`,
    `- date: ${environment.at.slice(0, 10)}; commit ${environment.git?.commit.slice(0, 10) ?? "unknown"}`,
    `- versions: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}`,
    `- threads: ${result.threads} each; command: \`npm run bench -- --write\``,
    ...(sgemmFlops === null ? [] : [`- sgemm: ${Math.round(sgemmFlops / 1e9)} GFLOP/s`]),
    ...result.rows
      .filter(({ quiet }) => !quiet)
      .map(({ name }) => `- ${name}: measured beside other programs, so its speeds say little`),
  ];
  const tables = [
    "Images per second of a whole training step, medians of interleaved turns:",
    asMarkdown(speedTable(result)),
    "Goals:",
    asMarkdown(goalTable(result)),
  ];
  return [facts.join("\n"), ...tables].join("\n\n") + "\n";
}

export function speedTable({ rows, sgemmFlops }: BenchResult): Table {
  const columns = [left("model"), right("batch"), right("here"), right("PyTorch")].concat(
    [right("compiled"), right("tf.function"), right("to PyTorch"), right("to tf.function")],
    [right("of sgemm")],
  );
  return { columns, rows: rows.map((row) => speedCells(row, sgemmFlops!)) };
}

const speedCells = (row: Row, sgemmFlops: number) => [
  row.name,
  String(row.batch),
  ...[row.here, row.torch, row.torchCompiled, row.tensorflow].map(speed),
  row.ratio.toFixed(2),
  row.ceilingRatio.toFixed(2),
  percent(row.flops / sgemmFlops),
];

export function goalTable(result: BenchResult): Table {
  const columns = [left("goal"), right("measured"), right("wanted"), left("")];
  const rows = verdicts(result).map((verdict) => [
    verdict.what,
    written(verdict, verdict.value),
    wanted(verdict),
    outcome(verdict),
  ]);
  return { columns, rows };
}

function outcome({ met, quiet }: Verdict): string {
  if (met === null) return "";
  if (!quiet) return "not judged: other programs were at work";
  return met ? "met" : "missed";
}

function wanted(verdict: Verdict): string {
  if (verdict.wanted === null) return "-";
  const sign = verdict.wanted === "at least" ? ">=" : "<=";
  return `${sign} ${written(verdict, verdict.goal)}`;
}

function written({ unit }: Verdict, value: number): string {
  if (unit === "ratio") return value.toFixed(2);
  if (unit === "count") return String(value);
  if (unit === "images a second") return `${speed(value)} img/s`;
  return unit === "share" ? percent(value) : `${value.toFixed(1)} s`;
}

/** Three digits and no more: `84.3`, `1,230`, `34,200`. */
const speed = (value: number) =>
  Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 1 });

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** The goals, and whether they are met. */
interface Verdict {
  what: string;
  value: number;
  /** How the value is written. */
  unit: "ratio" | "share" | "seconds" | "count" | "images a second";
  goal: number;
  /** Which side of the goal is good; null: measured, without a goal. */
  wanted: "at least" | "at most" | null;
  met: boolean | null;
  /** Whether the machine was left alone meanwhile. */
  quiet: boolean;
}

const atLeast = (what: string, value: number, goal: number): Verdict => {
  return { what, value, unit: "ratio", goal, wanted: "at least", met: value >= goal, quiet: true };
};

const atMost = (what: string, value: number, goal: number, unit: Verdict["unit"]): Verdict => {
  return { what, value, unit, goal, wanted: "at most", met: value <= goal, quiet: true };
};

const rowVerdicts = (row: Row): Verdict[] => [
  { ...atLeast(`${row.name} to PyTorch`, row.ratio, row.goal), quiet: row.quiet },
  {
    ...atLeast(`${row.name} to tf.function`, row.ceilingRatio, row.ceilingGoal),
    quiet: row.quiet,
  },
];

/** An mlp has no goal, as its heads' arithmetic is large beside its own: its ratio is only reported. */
const HEADS_GOAL: Record<string, number> = { "cnn-16": 1.1, "wrn-16-1": 1.1 };

/** A forward pass is about a third of a step; an mlp's ratio is only reported, as its heads are. */
const FROZEN_GOAL: Record<string, number> = { "cnn-16": 1.35, "wrn-16-1": 1.35 };

const PARALLEL_GOAL: Record<string, number> = { "wrn-16-1": 1, "mlp-128": 1.3 };

const LOADER_GOAL = 3;

/** What the resident set may grow by over 1,000 steps and still be called flat. */
const FLAT = 0.02;

/** Without a goal. */
const told = (what: string, value: number, unit: Verdict["unit"]): Verdict => {
  return { what, value, unit, goal: 0, wanted: null, met: null, quiet: true };
};

const ratioVerdict = (what: string, ratio: number, goal: number | undefined): Verdict =>
  goal === undefined ? told(what, ratio, "ratio") : atMost(what, ratio, goal, "ratio");

type Rules = { [K in keyof Overhead]: (value: Overhead[K]) => Verdict[] };

const rules: Rules = {
  heads: (ratios) =>
    Object.entries(ratios).map(([model, ratio]) =>
      ratioVerdict(`micro-1's heads on ${model}, time to none`, ratio, HEADS_GOAL[model]),
    ),
  frozen: (ratios) =>
    Object.entries(ratios).map(([model, ratio]) =>
      ratioVerdict(
        `heads on the frozen trunk of ${model}, processor time to without`,
        ratio,
        FROZEN_GOAL[model],
      ),
    ),
  javascript: (share) => [atMost("JavaScript's share of a wrn-16-1 step", share, 0.03, "share")],
  controls: (shares) =>
    Object.entries(shares).map(([model, share]) => {
      const what = `controls' share of a ${model} micro-1 run`;
      return model === "cnn-16" ? atMost(what, share, 0.1, "share") : told(what, share, "share");
    }),
  measures: (shares) =>
    Object.entries(shares).map(([model, share]) => {
      const what = `what measures add to a ${model} micro-1 run`;
      return model === "wrn-16-1" ? atMost(what, share, 0.25, "share") : told(what, share, "share");
    }),
  refits: (seconds) =>
    Object.entries(seconds).map(([what, value]) =>
      told(`${what}, processor time`, value, "seconds"),
    ),
  record: ({ recordAndLoadSeconds }) => [
    atMost("record and load resnet-18", recordAndLoadSeconds, 3, "seconds"),
  ],
  memory: (answer) => [
    atMost(
      "tensors more after 1,000 steps",
      answer.tensors.at(-1)! - answer.tensors[1]!,
      0,
      "count",
    ),
    atMost("growth of resident memory over them", growth(answer.residentBytes), FLAT, "share"),
  ],
  parallel: (gains) =>
    Object.entries(gains).map(([model, gain]) =>
      atLeast(`two runs of ${model} at once, to one after the other`, gain, PARALLEL_GOAL[model]!),
    ),
  loader: ({ decoded, trained }) => [
    told("imagenet-1's decoding alone", decoded, "images a second"),
    told(`training of ${LOADER_MODEL} alone`, trained, "images a second"),
    atLeast(`imagenet-1's decoding to training of ${LOADER_MODEL}`, decoded / trained, LOADER_GOAL),
  ],
};

/** Growth from the first tenth on, because what is allocated once is not growth. */
function growth(values: MemoryAnswer["residentBytes"]): number {
  return values.at(-1)! / values[1]! - 1;
}

/** Verdicts in the order of the measurements. */
function verdicts({ rows, overhead, studies }: BenchResult): Verdict[] {
  const judge = <K extends keyof Overhead>(name: K) =>
    overhead[name] === undefined ? [] : rules[name](overhead[name]);
  return [
    ...rows.flatMap(rowVerdicts),
    ...studies.map(({ arch, runs, ratio }) =>
      atLeast(`study of ${arch}, ${runs} runs, to PyTorch`, ratio, STUDY_GOAL),
    ),
    ...(Object.keys(rules) as (keyof Overhead)[]).flatMap((name) => judge(name)),
  ];
}

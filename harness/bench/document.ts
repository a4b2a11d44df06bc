/** @file docs/benchmarks.md, written from a result; the reasons for misses are kept from the file that is there. */

import { existsSync, readFileSync } from "node:fs";
import { writeAtomic } from "../files.ts";
import type { BenchResult } from "./bench.ts";
import { goalTable, speedTable, type Table } from "./table.ts";

/** What stands between these lines is the benchmark's; the rest of the file is a person's. */
const BEGIN = "<!-- written by `npm run bench -- --write` -->";
const END = "<!-- end of what is written -->";

/** Replaces the measured part of the document, or begins one. */
export function writeDocument(path: string, result: BenchResult): void {
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
    markdown(speedTable(result)),
    "Goals:",
    markdown(goalTable(result)),
  ];
  return [facts.join("\n"), ...tables].join("\n\n") + "\n";
}

function markdown({ columns, rows }: Table): string {
  const widths = columns.map(({ title }, i) =>
    Math.max(3, title.length, ...rows.map((row) => row[i]!.length)),
  );
  const line = (cells: string[]) =>
    `| ${cells
      .map((cell, i) =>
        columns[i]!.align === "right" ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!),
      )
      .join(" | ")} |`;
  const rule = columns.map(({ align }, i) =>
    align === "right" ? `${"-".repeat(widths[i]! - 1)}:` : "-".repeat(widths[i]!),
  );
  return [line(columns.map(({ title }) => title)), line(rule), ...rows.map(line)].join("\n");
}

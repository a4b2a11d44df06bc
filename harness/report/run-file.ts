/** @file Reads a seed's final.json and holds it against the schema, the protocol and the configuration. */

import { relative } from "node:path";
import { schemaProblems } from "../../record/problem.ts";
import { runProblems } from "../../record/statement/run-problems.ts";
import { Run } from "../../record/run.ts";
import { EXIT, UserError } from "../errors.ts";
import { readJson } from "../files.ts";
import { type OutputFolder, finalPath } from "../sweep/output-folder.ts";

/**
 * The run of a seed, or null while it is not finished.
 *
 * @throws UserError naming the file and every rule that it breaks.
 */
export function readRun(folder: OutputFolder, seed: number): Run | null {
  const path = finalPath(folder.path, seed);
  const document = readJson(path);
  if (document === null) return null;
  const parsed = Run.safeParse(document);
  const problems = parsed.success
    ? [...runProblems(parsed.data, folder.protocol), ...placeProblems(parsed.data, folder, seed)]
    : schemaProblems(parsed.error);
  if (parsed.success && problems.length === 0) return parsed.data;
  const shown = problems.slice(0, 8).map((problem) => `  ${problem}`);
  const more = problems.length > 8 ? [`  and ${problems.length - 8} more`] : [];
  throw new UserError(
    [
      `${path} is damaged or was edited:`,
      ...shown,
      ...more,
      `Delete it and train the seed again: rademark resume ${relative(".", folder.path) || "."}`,
    ].join("\n"),
    EXIT.verification,
  );
}

/** Does the run belong where it lies? */
function placeProblems(run: Run, { configuration, protocol }: OutputFolder, seed: number) {
  const { arch, regs, limit } = configuration;
  const length = Math.min(protocol.epochs, limit ?? Infinity);
  const rules: [holds: boolean, problem: string][] = [
    [run.seed === seed, `seed: ${run.seed} in the folder of seed ${seed}`],
    [run.arch === arch, `arch: ${run.arch}, but config.json says ${arch}`],
    [run.regs === regs, `regs: ${run.regs}, but config.json says ${regs}`],
    [
      run.status === "diverged" || run.epochs.length === length,
      `epochs: ${run.epochs.length} of ${length}`,
    ],
  ];
  return rules.filter(([holds]) => !holds).map(([, problem]) => problem);
}

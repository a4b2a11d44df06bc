/** @file `npm run findings`: what came of the replication plan, written from the reference. */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { flag, readOptions, text } from "../bench/load/tool-options.ts";
import { EXIT, type ExitCode, UserError } from "../harness/errors.ts";
import { explainDisk, makeFolder, writeAtomic } from "../harness/files.ts";
import { RecordError } from "../record/problem.ts";
import { filesOf, readReferenceFolder, staleFiles } from "./findings-files.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const given = readOptions(
  "npm run findings: reads the reference, and writes the verdicts of docs/replication-plan.md and the documents made of them",
  {
    check: flag("write nothing; say which files are not what the reference gives"),
    from: text(join(ROOT, "reference"), "folder with log.jsonl.gz and runs.jsonl.gz"),
    out: text(ROOT, "folder that record/ and docs/ are written in"),
  },
);

process.exitCode = await main().catch((thrown: unknown) => {
  const error = explainDisk(thrown);
  if (!(error instanceof UserError || error instanceof RecordError)) throw error;
  process.stderr.write(`findings: ${error.message}\n`);
  return error instanceof UserError ? error.exitCode : EXIT.verification;
});

async function main(): Promise<ExitCode> {
  const { check, from, out } = given;
  const reference = await readReferenceFolder(from);
  const files = await filesOf(reference);
  const stale = staleFiles(files, out);
  if (check) {
    for (const path of stale)
      process.stderr.write(`${path} is not what ${from} gives: write it by npm run findings\n`);
    return stale.length === 0 ? EXIT.ok : EXIT.verification;
  }
  for (const path of stale) {
    makeFolder(dirname(join(out, path)));
    writeAtomic(join(out, path), files.get(path)!);
  }
  const written = stale.length === 0 ? "Nothing has changed" : `Written: ${stale.join(", ")}`;
  process.stdout.write(`${reference.runs.length} runs were read. ${written}.\n`);
  return EXIT.ok;
}

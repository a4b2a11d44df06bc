/** @file The files that are written from the reference: the findings, the two documents made of them, and whether micro predicts big. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { UserError } from "../harness/errors.ts";
import { Findings } from "../record/replication/findings.ts";
import { microAndBig } from "../record/replication/micro-and-big.ts";
import { type Reference, readReference } from "../record/replication/reference.ts";
import { findingsOf } from "../record/replication/verdicts.ts";
import { replicationDocument } from "./document.ts";
import { interpretationDocument } from "./interpretation.ts";

/**
 * @param folder with `log.jsonl.gz` and `runs.jsonl.gz`; without them nothing has been run.
 * @throws RecordError for a line that is none of the reference's, UserError for a file that is no whole gzip file.
 */
export async function readReferenceFolder(folder: string): Promise<Reference> {
  return readReference({
    log: linesOf(join(folder, "log.jsonl.gz")),
    runs: linesOf(join(folder, "runs.jsonl.gz")),
  });
}

function linesOf(file: string): string[] {
  if (!existsSync(file)) return [];
  try {
    return gunzipSync(readFileSync(file)).toString().split("\n");
  } catch (error) {
    throw new UserError(
      `${file} is no whole gzip file (${(error as Error).message}): fetch it again, or write it by npm run replicate -- --assemble.`,
    );
  }
}

/** What is written, by its path in the repository. */
export async function filesOf(reference: Reference): Promise<Map<string, string>> {
  const findings = Findings.parse(await findingsOf(reference));
  return new Map([
    ["record/replication/findings.json", `${JSON.stringify(findings, null, 1)}\n`],
    [
      "record/replication/micro-and-big.json",
      `${JSON.stringify(microAndBig(reference), null, 2)}\n`,
    ],
    ["docs/replication.md", replicationDocument(findings)],
    ["docs/interpretation.md", interpretationDocument(findings)],
  ]);
}

/** Those that are not what stands in `root`. */
export function staleFiles(files: ReadonlyMap<string, string>, root: string): string[] {
  return Array.from(files).flatMap(([path, text]) => {
    const file = join(root, path);
    return existsSync(file) && readFileSync(file, "utf8") === text ? [] : [path];
  });
}

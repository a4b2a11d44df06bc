/** @file schemathesis, from PyPI, in a virtual environment of its own. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../harness/errors.ts";
import { REPOSITORY } from "./repository.ts";

const PACKAGE = "schemathesis==4.32.5";

/** Checks of whether the description fits the server; whether a random body is accepted says nothing here. */
const CHECKS = [
  ...["not_a_server_error", "status_code_conformance", "content_type_conformance"],
  ...["response_headers_conformance", "response_schema_conformance", "negative_data_rejection"],
  ...["unsupported_method", "allow_header_conformance"],
];

export interface SchemathesisReport {
  operations: { selected: number; tested: number };
  phases: Record<string, { status: string }>;
  test_cases: { generated: number; with_failures: number };
  failures: { title: string; count: number; operations: string[] }[];
  errors: unknown[];
  /** By operation and phase, how the requests that were meant to be valid were answered. */
  valid_rates: Record<string, Record<string, Record<string, number>>>;
}

/** Installed once. @returns the program's path. @throws UserError when pip cannot. */
export function installSchemathesis(): string {
  const folder = join(REPOSITORY, ".rademark", "fuzz", PACKAGE);
  const done = join(folder, "installed");
  if (!existsSync(done)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    run("python3", ["-m", "venv", folder]);
    run(join(folder, "bin", "pip"), ["install", "--quiet", PACKAGE]);
    writeFileSync(done, "");
  }
  return join(folder, "bin", "schemathesis");
}

function run(program: string, args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0)
    throw new UserError(`${program} ${args.join(" ")} failed: ${error?.message ?? stderr}`);
}

export interface SchemathesisRun {
  code: number | null;
  report: SchemathesisReport;
  /** As it was printed. */
  output: string;
}

/** @param examples made up for each operation. @param folder for what it writes. */
export function runSchemathesis(
  program: string,
  { url, folder, examples, seed }: { url: string; folder: string; examples: number; seed: number },
): SchemathesisRun {
  const file = join(folder, "report.json");
  const options = ["--phases", "examples,coverage,fuzzing", "--checks", CHECKS.join(",")];
  const { status, stdout, stderr } = spawnSync(
    program,
    ["run", `${url}/openapi.json`, ...options].concat(
      ["--seed", String(seed), "--max-examples", String(examples), "--generation-database", "none"],
      ["--continue-on-failure", "--no-color", "--report", "json", "--report-json-path", file],
    ),
    {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        PYTHONDONTWRITEBYTECODE: "1",
        SCHEMATHESIS_HOOKS: join(REPOSITORY, "test", "load", "fuzz_hooks.py"),
        RADEMARK_FUZZ: join(folder, "values.json"),
      },
    },
  );
  const output = `${stdout}${stderr}`;
  if (!existsSync(file)) throw new UserError(`schemathesis left no report:\n${output}`);
  const report = JSON.parse(readFileSync(file, "utf8")) as SchemathesisReport;
  return { code: status, report, output };
}

/** @file `npm run fuzz`: requests that no client should send, against everything that /openapi.json describes. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FuzzServer, startFuzzServer } from "./fuzz-server.ts";
import { fuzzValues } from "./fuzz-values.ts";
import { count, readOptions } from "./tool-options.ts";
import { type SchemathesisRun, installSchemathesis, runSchemathesis } from "./schemathesis.ts";
import { type MutationFigures, mutationTargets, sendMutations } from "./signed-mutations.ts";
import { loadHolders } from "./submissions.ts";

const { examples, mutations, seed } = readOptions(
  "npm run fuzz: requests that no client should send, against everything that /openapi.json describes",
  {
    examples: count(100, "requests made up for each operation"),
    mutations: count(1000, "signed statements with one place changed"),
    seed: count(1, "what they are drawn from"),
  },
);

const ENTRIES = 12;

async function fuzz(server: FuzzServer, folder: string) {
  const { url, entries } = server;
  writeFileSync(join(folder, "values.json"), JSON.stringify(await fuzzValues(server)));
  const program = installSchemathesis();
  const described = runSchemathesis(program, { url, folder, examples, seed });
  const holder = (await loadHolders(1))[0]!;
  const targets = mutationTargets(holder, entries.at(-1)!);
  const signed = await sendMutations(url, holder, targets, { count: mutations, seed });
  return { described, signed };
}

function summary({ report, output }: SchemathesisRun, { requests, answers }: MutationFigures) {
  const { operations, test_cases: cases, failures, valid_rates: rates } = report;
  const reached = Object.values(rates).filter((phases) =>
    Object.values(phases).some(({ accepted = 0 }) => accepted > 0),
  ).length;
  const lines = [
    `schemathesis: ${cases.generated} requests to ${operations.tested} of ${operations.selected} operations, ` +
      `${reached} of which answered 2xx; ${cases.with_failures} with findings (seed ${seed})`,
    ...failures.map(
      ({ title, count, operations: where }) => `  ${title} x${count}: ${where.join(", ")}`,
    ),
    `signed statements with one place changed: ${requests} requests`,
    ...[...answers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, n]) => `  ${n} ${name}`),
  ];
  return `${failures.length > 0 ? `${output}\n` : ""}${lines.join("\n")}\n`;
}

const folder = mkdtempSync(join(tmpdir(), "rademark-fuzz-report-"));
const server = await startFuzzServer(ENTRIES);
try {
  const { described, signed } = await fuzz(server, folder);
  const reported = await server.stop();
  process.stdout.write(summary(described, signed));
  const faults = [
    ...signed.faults,
    ...(reported === "" ? [] : [`the server reported: ${reported}`]),
  ];
  process.stdout.write(faults.map((fault) => `  fault: ${fault}\n`).join(""));
  const isClean = described.code === 0 && faults.length === 0;
  process.stdout.write(isClean ? "nothing found\n" : "there are findings\n");
  process.exitCode = isClean ? 0 : 1;
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** @file `npm run soak`: kills a server in the middle of submissions, again and again, and looks at what it kept. */

import { parseArgs } from "node:util";
import { describeEnvironment } from "../../harness/study/environment.ts";
import { REPOSITORY } from "./repository.ts";
import { type SoakOptions, runSoak } from "./soak-run.ts";
import { soakSummary, soakTable } from "./soak-table.ts";
import { circumstances, writePart } from "./written-part.ts";

const MARKERS = (deployment: string) => ({
  begin: `<!-- written by \`npm run soak -- --deployment ${deployment} --write\` -->`,
  end: `<!-- end of what is written of ${deployment} -->`,
});

const { values } = parseArgs({
  options: {
    deployment: { type: "string", default: "pglite" },
    rounds: { type: "string", default: "20" },
    entries: { type: "string", default: "500" },
    clients: { type: "string", default: "6" },
    keys: { type: "string", default: "5" },
    seed: { type: "string", default: "1" },
    "reindex-every": { type: "string", default: "5" },
    write: { type: "boolean", default: false },
  },
});

function count(name: Exclude<keyof typeof values, "deployment" | "write">): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`--${name} ${values[name]}: a whole number from 1`);
}

const { deployment } = values;
if (deployment !== "pglite" && deployment !== "postgres")
  throw new Error(`--deployment ${deployment}: pglite or postgres`);
const options: SoakOptions = {
  ...{ deployment, rounds: count("rounds"), entries: count("entries"), clients: count("clients") },
  ...{ keys: count("keys"), seed: count("seed"), reindexEvery: count("reindex-every") },
};
const environment = describeEnvironment(Date.now());
const { rounds, faults } = await runSoak(options, (figures) => {
  const { round, before, open, foundAgain, leaves, faults: found } = figures;
  process.stderr.write(
    `round ${round + 1}: killed after ${before} of ${options.entries} with ${open} requests open, ` +
      `${foundAgain} found again; ${leaves} leaves, ${found} faults\n`,
  );
});
const report = `${soakSummary(rounds, faults)}\n\n${soakTable(rounds)}`;
process.stdout.write(`${report}\n${faults.map((fault) => `fault: ${fault}\n`).join("")}`);
if (values.write) {
  const command = `npm run soak -- ${process.argv.slice(2).join(" ")}`;
  const part = `${circumstances(environment, command)}\n\n${report}`;
  writePart(`${REPOSITORY}docs/soak.md`, MARKERS(deployment), part);
}
process.exitCode = faults.length === 0 ? 0 : 1;

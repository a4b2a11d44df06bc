/** @file `npm run soak`: kills a server in the middle of submissions, again and again, and looks at what it kept. */

import { describeEnvironment } from "../../harness/study/examined-machine.ts";
import { count, flag, oneOf, readOptions } from "./tool-options.ts";
import { REPOSITORY } from "./repository.ts";
import { type SoakOptions, runSoak } from "./soak-run.ts";
import { soakSummary, soakTable } from "./soak-table.ts";
import { circumstances, writePart } from "../training/written-part.ts";

const MARKERS = (deployment: string) => ({
  begin: `<!-- written by \`npm run soak -- --deployment ${deployment} --write\` -->`,
  end: `<!-- end of what is written of ${deployment} -->`,
});

const given = readOptions(
  "npm run soak: kills a server in the middle of submissions, and looks at what it kept",
  {
    deployment: oneOf(["pglite", "postgres"], "the database"),
    rounds: count(20, "times that the server is killed"),
    entries: count(500, "entries submitted in each round"),
    clients: count(6, "clients that submit at once"),
    keys: count(5, "keys that sign"),
    seed: count(1, "what the moments of killing are drawn from"),
    "reindex-every": count(5, "rounds from one rebuilding of the index to the next"),
    write: flag("write the figures into docs/soak.md"),
  },
);
const { "reindex-every": reindexEvery, write, ...rest } = given;
const options: SoakOptions = { ...rest, reindexEvery };
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
if (write) {
  const command = `npm run soak -- ${process.argv.slice(2).join(" ")}`;
  const part = `${circumstances(environment, command)}\n\n${report}`;
  writePart(`${REPOSITORY}docs/soak.md`, MARKERS(options.deployment), part);
}
process.exitCode = faults.length === 0 ? 0 : 1;

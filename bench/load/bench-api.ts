/** @file `npm run bench:api`: how long the API takes, on PGlite and on PostgreSQL, at several sizes of a board. */

import { describeEnvironment } from "../../harness/study/examined-machine.ts";
import { fillSentences, goalTable, growthTable, throughputTable } from "./api-goals.ts";
import { BENCH_HOMES } from "./bench-deployments.ts";
import { type DeploymentFigures, benchDeployment } from "./bench-run.ts";
import { count, counts, flag, readOptions, someOf } from "./tool-options.ts";
import { REPOSITORY } from "./repository.ts";
import { circumstances, writePart } from "../training/written-part.ts";

const MARKERS = {
  begin: "<!-- written by `npm run bench:api -- --write` -->",
  end: "<!-- end of the API's figures -->",
};

const options = readOptions(
  "npm run bench:api: how long the API takes, on PGlite and on PostgreSQL, at several sizes of a board",
  {
    deployments: someOf(["pglite", "postgres"], "databases"),
    sizes: counts("1000,10000,100000", "entries on the board when it is measured"),
    // a folder's board: PGlite takes 20 ms to store an entry, half an hour to 100,000
    "pglite-most": count(10_000, "entries on PGlite's board, at most"),
    posted: count(
      1000,
      "entries that come by POST; those after them are put into the log directly",
    ),
    seconds: count(10, "seconds of each load"),
    pages: count(8, "pages read of each order"),
    posts: count(200, "requests of each kind of POST"),
    refreshes: count(10, "entries timed from receipt to board"),
    write: flag("write the figures into docs/benchmarks.md"),
  },
);
const { sizes, posted, seconds, pages, posts, refreshes } = options;
const plan = { posted, effort: { seconds, pages, posts, refreshes } };

const environment = describeEnvironment(Date.now());
const deployments: DeploymentFigures[] = [];
for (const name of options.deployments) {
  const deployment = await BENCH_HOMES[name]();
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const most = name === "pglite" ? options["pglite-most"] : Infinity;
  const own = { ...plan, sizes: sizes.filter((size) => size <= most) };
  deployments.push(await benchDeployment(deployment, own, say).finally(deployment.remove));
}

const tables = [
  goalTable(deployments),
  ...(sizes.length > 1 ? [growthTable(deployments)] : []),
  throughputTable(deployments),
  `How the boards were filled:\n\n${fillSentences(deployments)}`,
].join("\n\n");
process.stdout.write(`${tables}\n`);
if (options.write) {
  const command = ["npm run bench:api --", ...process.argv.slice(2)].join(" ");
  const part = `${circumstances(environment, command)}\n\n${tables}`;
  writePart(`${REPOSITORY}docs/benchmarks.md`, MARKERS, part);
}

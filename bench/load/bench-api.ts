/** @file `npm run bench:api`: how long the API takes, on PGlite and on PostgreSQL, at several sizes of a board. */

import { parseArgs } from "node:util";
import { describeEnvironment } from "../../harness/study/environment.ts";
import { fillSentences, goalTable, growthTable, throughputTable } from "./api-goals.ts";
import { BENCH_HOMES } from "./bench-deployments.ts";
import { type DeploymentFigures, benchDeployment } from "./bench-run.ts";
import { REPOSITORY } from "./repository.ts";
import { circumstances, writePart } from "./written-part.ts";

const MARKERS = {
  begin: "<!-- written by `npm run bench:api -- --write` -->",
  end: "<!-- end of the API's figures -->",
};

const { values } = parseArgs({
  options: {
    deployments: { type: "string", default: "pglite,postgres" },
    sizes: { type: "string", default: "1000,10000,100000" },
    // a folder's board: PGlite takes 20 ms to store an entry, half an hour to 100,000
    "pglite-most": { type: "string", default: "10000" },
    posted: { type: "string", default: "1000" },
    seconds: { type: "string", default: "10" },
    pages: { type: "string", default: "8" },
    posts: { type: "string", default: "200" },
    refreshes: { type: "string", default: "10" },
    write: { type: "boolean", default: false },
  },
});
const sizes = values.sizes.split(",").map(Number);
const plan = {
  posted: Number(values.posted),
  effort: {
    seconds: Number(values.seconds),
    pages: Number(values.pages),
    posts: Number(values.posts),
    refreshes: Number(values.refreshes),
  },
};

const environment = describeEnvironment(Date.now());
const deployments: DeploymentFigures[] = [];
for (const name of values.deployments.split(",")) {
  const open = BENCH_HOMES[name];
  if (!open) throw new Error(`--deployments ${name}: of ${Object.keys(BENCH_HOMES).join(", ")}`);
  const deployment = await open();
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const most = name === "pglite" ? Number(values["pglite-most"]) : Infinity;
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
if (values.write) {
  const command = ["npm run bench:api --", ...process.argv.slice(2)].join(" ");
  const part = `${circumstances(environment, command)}\n\n${tables}`;
  writePart(`${REPOSITORY}docs/benchmarks.md`, MARKERS, part);
}

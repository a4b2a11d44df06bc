/** @file `npm run bench:site`: the site's budgets, measured in a real browser against the real server. */

import { parseArgs } from "node:util";
import { describeEnvironment } from "../../harness/study/environment.ts";
import { findBrowser } from "../../setup/tests.mjs";
import { REPOSITORY } from "./repository.ts";
import { measureSite } from "./site/measured-site.ts";
import type { Profile } from "./site/page-cost.ts";
import { budgetTable, isMet, siteBudgets } from "./site/site-budgets.ts";
import { circumstances, writePart } from "./written-part.ts";

const MARKERS = {
  begin: "<!-- written by `npm run bench:site -- --write` -->",
  end: "<!-- end of what is written of the site -->",
};

/** Lighthouse's "slow 4G" and its telephone's processor. */
const PROFILE: Profile = { down: 1_638_400, up: 768_000, roundTrip: 150, slowdown: 4 };

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "100" },
    many: { type: "string", default: "10000" },
    visits: { type: "string", default: "5" },
    write: { type: "boolean", default: false },
  },
});

function count(name: "rows" | "many" | "visits"): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`--${name} ${values[name]}: a whole number from 1`);
}

const browserPath = findBrowser(process.env) as string | null;
if (browserPath === null) throw new Error("no Chromium here: RADEMARK_BROWSER names one");
const environment = describeEnvironment(Date.now());
const measured = await measureSite({
  ...{ browserPath, profile: PROFILE },
  ...{ rows: count("rows"), many: count("many"), visits: count("visits") },
  told: (progress) => process.stderr.write(`${progress}\n`),
});
const budgets = siteBudgets(measured);
process.stdout.write(`${budgetTable(budgets)}\n`);
if (values.write) {
  const command = `npm run bench:site -- ${process.argv.slice(2).join(" ")}`;
  const part = `${circumstances(environment, command)}\n\n${budgetTable(budgets)}`;
  writePart(`${REPOSITORY}docs/benchmarks.md`, MARKERS, part);
}
process.exitCode = budgets.every(isMet) ? 0 : 1;

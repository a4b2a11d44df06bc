/** @file `npm run bench:site`: the site's budgets, measured in a real browser against the real server. */

import { resolve } from "node:path";
import { describeEnvironment } from "../../harness/study/examined-machine.ts";
import { findBrowser } from "../../setup/tests.mjs";
import { count, flag, readOptions, text } from "./tool-options.ts";
import { REPOSITORY } from "./repository.ts";
import { filledFolders } from "./site/filled-folders.ts";
import { measureSite, measureToyAlone } from "./site/measured-site.ts";
import type { Profile } from "./site/page-cost.ts";
import { budgetTable, isMet, siteBudgets, toyBudgets } from "./site/site-budgets.ts";
import { circumstances, writePart } from "../training/written-part.ts";

const MARKERS = {
  begin: "<!-- written by `npm run bench:site -- --write` -->",
  end: "<!-- end of what is written of the site -->",
};

/** Lighthouse's "slow 4G" and its telephone's processor. */
const PROFILE: Profile = { down: 1_638_400, up: 768_000, roundTrip: 150, slowdown: 4 };

const options = readOptions("npm run bench:site: what the site's pages cost in a real browser", {
  rows: count(100, "entries that the site is built from"),
  many: count(10_000, "entries on the board that is filtered"),
  visits: count(5, "visits of each page"),
  kept: text(
    "none",
    "folder that keeps the filled servers, so that another time need not fill them",
  ),
  fill: flag("only fill what --kept names, for a measurement later"),
  toy: flag("measure the first page's toy alone, in a minute; --write does not take it"),
  write: flag("write the figures into docs/benchmarks.md"),
});
const { rows, many, visits, kept } = options;

const told = (progress: string) => process.stderr.write(`${progress}\n`);
if (options.fill) {
  if (kept === "none") throw new Error("--fill fills the folder that --kept names");
  await filledFolders(resolve(kept), { rows, many, told });
  process.exit();
}
const browserPath = findBrowser(process.env) as string | null;
if (browserPath === null) throw new Error("no Chromium here: RADEMARK_BROWSER names one");
const environment = describeEnvironment(Date.now());
const budgets = options.toy
  ? toyBudgets(await measureToyAlone({ browserPath, visits, told }))
  : siteBudgets(
      await measureSite({
        ...{ browserPath, profile: PROFILE },
        ...{ rows, many, visits },
        kept: kept === "none" ? null : resolve(kept),
        told,
      }),
    );
process.stdout.write(`${budgetTable(budgets)}\n`);
if (options.write && !options.toy) {
  const command = `npm run bench:site -- ${process.argv.slice(2).join(" ")}`;
  const part = `${circumstances(environment, command)}\n\n${budgetTable(budgets)}`;
  writePart(`${REPOSITORY}docs/benchmarks.md`, MARKERS, part);
}
process.exitCode = budgets.every(isMet) ? 0 : 1;

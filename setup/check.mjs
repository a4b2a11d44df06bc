/** @file `npm run check`: format, lint, types (the site's components too), tests. `--no-tests` leaves the tests out. */

import "./node-floor.mjs";
import { runTool } from "./child.mjs";
import { enter, together } from "./entry.mjs";
import { ALL } from "./parts.mjs";
import { ROOT, prepare, takeEngine } from "./prepare.mjs";
import { ASTRO_ENV, SITE_CHECK } from "./site.mjs";
import { runTests } from "./tests.mjs";

const tool = (path, ...args) => [`${ROOT}/node_modules/${path}`, ...args];

/** Side by side: each lane is the work of about one core. */
const LANES = [
  [
    ["lint and types", tool("oxlint/bin/oxlint", ".")],
    ["site", SITE_CHECK],
  ],
  [["format", tool("prettier/bin/prettier.cjs", "--check", "--log-level", "warn", ".")]],
];

/** The linter's garbage collector, by Go's default, takes a quarter of its time to save a tenth of its memory. */
const LINT_ENV = { GOGC: "300" };

/** Runs every step even after one has failed, so that all failures are seen at once. */
await enter(async (effects) => {
  const { engine, rest } = takeEngine(process.argv.slice(2));
  const prepared = await prepare(effects, ALL, { engine });
  let failures = 0;
  const inTurn = async (steps, { interruption }) => {
    for (const [name, args] of steps)
      if (!(await passes(name, args, { ...prepared, interruption }))) failures++;
  };
  await together(effects, (effects) => LANES.map((steps) => inTurn(steps, effects)));
  if (rest[0] !== "--no-tests" && (await runTests(rest, prepared, effects)) !== 0) failures++;
  return failures === 0 ? 0 : 1;
});

/** What a step prints is shown when it has ended, as another one is at work meanwhile. */
async function passes(name, args, { node, env, interruption }) {
  const place = {
    cwd: ROOT,
    env: { ...env, ...ASTRO_ENV, ...LINT_ENV },
    interruption,
    kept: Infinity,
  };
  const { code, output } = await runTool(node, args, place);
  process.stdout.write(`${output}${name}: ${code === 0 ? "passed" : "failed"}\n`);
  return code === 0;
}

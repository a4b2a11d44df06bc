/** @file `npm run check`: format, lint, types (the site's components too), tests. `--no-tests` leaves the tests out. */

import "./node-floor.mjs";
import { checkSite } from "./site.mjs";
import { handOver } from "./child.mjs";
import { enter } from "./entry.mjs";
import { ALL } from "./parts.mjs";
import { ROOT, prepare, takeEngine } from "./prepare.mjs";
import { runTests } from "./tests.mjs";

const STEPS = [
  ["format", "prettier/bin/prettier.cjs", ["--check", "--log-level", "warn", "."]],
  ["lint", "eslint/bin/eslint.js", ["--max-warnings", "0", "."]],
  ["types", "typescript/bin/tsc", ["--project", "."]],
];

/** Runs every step even after one has failed, so that all failures are seen at once. */
await enter(async (effects) => {
  const { engine, rest } = takeEngine(process.argv.slice(2));
  const prepared = await prepare(effects, ALL, { engine });
  let failures = 0;
  for (const [name, program, args] of STEPS) {
    const code = await handOver(prepared.node, [`${ROOT}/node_modules/${program}`, ...args], {
      cwd: ROOT,
      env: prepared.env,
    });
    effects.interruption.throwIfAborted();
    process.stdout.write(`${name}: ${code === 0 ? "passed" : "failed"}\n`);
    if (code !== 0) failures++;
  }
  const siteCode = await checkSite(prepared);
  process.stdout.write(`site: ${siteCode === 0 ? "passed" : "failed"}\n`);
  if (siteCode !== 0) failures++;
  effects.interruption.throwIfAborted();
  if (rest[0] !== "--no-tests" && (await runTests(rest, prepared, effects)) !== 0) failures++;
  return failures === 0 ? 0 : 1;
});

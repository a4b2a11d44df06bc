/** @file `npm test`: sets up what is missing, then runs the tests; further arguments are vitest's. */

import "./node-floor.mjs";
import { enter } from "./entry.mjs";
import { ALL } from "./parts.mjs";
import { prepare, takeEngine } from "./prepare.mjs";
import { runTests } from "./tests.mjs";

await enter(async (effects) => {
  const { engine, rest } = takeEngine(process.argv.slice(2));
  return runTests(rest, await prepare(effects, ALL, { engine }), effects);
});

/** @file `npm run site:build [-- --api URL]`: the static site in dist/site, with what an API holds prerendered. */

import { parseArgs } from "node:util";
import "./node-floor.mjs";
import { runAstro } from "./astro.mjs";
import { enter } from "./entry.mjs";
import { SetupError } from "./failure.mjs";
import { prepare } from "./prepare.mjs";

await enter(async (effects) => {
  const { api } = readArguments();
  const prepared = await prepare(effects);
  const env = api === undefined ? prepared.env : { ...prepared.env, RADEMARK_API: api };
  return runAstro(["build"], { ...prepared, env });
});

function readArguments() {
  try {
    return parseArgs({ options: { api: { type: "string" } } }).values;
  } catch (error) {
    throw new SetupError(error.message);
  }
}

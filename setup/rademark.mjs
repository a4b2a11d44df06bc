#!/usr/bin/env node
/** @file `rademark ...`: sets up what is missing, then runs the command line. */

import "./node-floor.mjs";
import { handOver } from "./child.mjs";
import { enter } from "./entry.mjs";
import { prepare, ROOT, takeEngine } from "./prepare.mjs";

await enter(async (effects) => {
  const args = process.argv.slice(2);
  const { node, env } = await prepare(effects, takeEngine(args).engine);
  return handOver(node, [`${ROOT}/harness/cli/rademark.ts`, ...args], { env });
});

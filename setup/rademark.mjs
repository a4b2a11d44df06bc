#!/usr/bin/env node
/** @file `rademark ...`: sets up what is missing, then runs the command line. */

import "./node-floor.mjs";
import { handOver } from "./child.mjs";
import { enter } from "./entry.mjs";
import { answerHelp } from "./help.mjs";
import { withOptions } from "./options.mjs";
import { prepare, ROOT } from "./prepare.mjs";

await enter(async (effects) => {
  const args = process.argv.slice(2);
  const answered = answerHelp(args, effects);
  if (answered !== null) return answered;
  const { node, env } = await prepare({ ...effects, env: withOptions(args, effects.env) });
  return handOver(node, [`${ROOT}/harness/cli/rademark.ts`, ...args], { env });
});

#!/usr/bin/env node
/** @file `rademark ...`: sets up what is missing, then runs the command line. */

import "./node-floor.mjs";
import { handOver } from "./child.mjs";
import { clean } from "./clean.mjs";
import { enter } from "./entry.mjs";
import { answerHelp } from "./help.mjs";
import { withOptions } from "./options.mjs";
import { needsOf } from "./parts.mjs";
import { prepare, ROOT } from "./prepare.mjs";
import { ensurePages } from "./site.mjs";

const args = process.argv.slice(2);
const isClean = args[0] === "clean";

await enter(run, isClean ? "rademark: " : undefined);

async function run(effects) {
  const answered = answerHelp(args, effects);
  if (answered !== null) return answered;
  const env = withOptions(args, effects.env);
  if (isClean) return clean(args.slice(1), { ...effects, env }, ROOT);
  const needs = needsOf(args);
  const meanwhile = needs.includes("pages") ? ensurePages : undefined;
  const prepared = await prepare({ ...effects, env }, needs, { meanwhile });
  return handOver(prepared.node, [`${ROOT}/harness/cli/rademark.ts`, ...args], {
    env: prepared.env,
  });
}

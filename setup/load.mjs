/** @file `npm run soak|soak:slurm|fuzz|bench:api|bench:large|bench:site|images`: a tool of bench/load, by its name, on a Node that is new enough. */

import "./node-floor.mjs";
import { handOver } from "./child.mjs";
import { enter } from "./entry.mjs";
import { ALL } from "./parts.mjs";
import { prepare, ROOT } from "./prepare.mjs";

await enter(async (effects) => {
  const [tool, ...args] = process.argv.slice(2);
  const { node, env } = await prepare(effects, ALL);
  return handOver(node, [`${ROOT}/bench/load/${tool}.ts`, ...args], { cwd: ROOT, env });
});

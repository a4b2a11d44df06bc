/** @file `npm run findings`: the verdicts of the replication plan, written again from the reference. */

import "./node-floor.mjs";
import { handOver } from "./child.mjs";
import { enter } from "./entry.mjs";
import { prepare, ROOT } from "./prepare.mjs";

await enter(async (effects) => {
  const { node, env } = await prepare(effects, []);
  const args = process.argv.slice(2);
  return handOver(node, [`${ROOT}/replicate/findings.ts`, ...args], { cwd: ROOT, env });
});

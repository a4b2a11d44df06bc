/** @file `npm run replicate`: trains and lists the reference that verdicts read. */

import "./node-floor.mjs";
import { handOver } from "./child.mjs";
import { enter } from "./entry.mjs";
import { prepare, ROOT } from "./prepare.mjs";

await enter(async (effects) => {
  const { node, env } = await prepare(effects, ["engine", "server"]);
  const args = process.argv.slice(2);
  return handOver(node, [`${ROOT}/replicate/replicate.ts`, ...args], { cwd: ROOT, env });
});

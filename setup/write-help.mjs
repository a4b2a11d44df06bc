/** @file `npm run help`: writes the texts of setup/help/ again. */

import "./node-floor.mjs";
import { handOver } from "./child.mjs";
import { enter } from "./entry.mjs";
import { prepare, ROOT } from "./prepare.mjs";

await enter(async (effects) => {
  const { node, env } = await prepare(effects, []);
  return handOver(node, [`${ROOT}/harness/cli/help-files.ts`], { cwd: ROOT, env });
});

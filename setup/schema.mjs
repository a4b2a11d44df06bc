/** @file `npm run db:generate`: a migration from what has changed in db/schema.ts. */

import "./node-floor.mjs";
import { handOver } from "./child.mjs";
import { enter } from "./entry.mjs";
import { prepare, ROOT } from "./prepare.mjs";

await enter(async (effects) => {
  const { node, env } = await prepare(effects, ["server", "tests"]);
  const program = `${ROOT}/node_modules/drizzle-kit/bin.cjs`;
  return handOver(node, [program, "generate", ...process.argv.slice(2)], { cwd: ROOT, env });
});

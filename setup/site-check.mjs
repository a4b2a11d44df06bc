/** @file `npm run site:check`: types of the site's pages and components. */

import "./node-floor.mjs";
import { handOver } from "./child.mjs";
import { enter } from "./entry.mjs";
import { ROOT, prepare } from "./prepare.mjs";
import { ASTRO_ENV, SITE_CHECK } from "./site.mjs";

await enter(async (effects) => {
  const { node, env } = await prepare(effects, ["pages", "tests"]);
  return handOver(node, SITE_CHECK, { cwd: ROOT, env: { ...env, ...ASTRO_ENV } });
});

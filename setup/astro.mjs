/** @file Astro's command line, quiet and without telemetry. */

import { handOver } from "./child.mjs";
import { ROOT } from "./prepare.mjs";

/**
 * @param {string[]} args of Astro
 * @param {{node: string, env: NodeJS.ProcessEnv}} prepared
 * @returns {Promise<number>} its exit code
 */
export function runAstro(args, { node, env }) {
  const program = `${ROOT}/node_modules/astro/bin/astro.mjs`;
  return handOver(node, [program, ...args], {
    cwd: ROOT,
    env: { ...env, ASTRO_TELEMETRY_DISABLED: "1" },
  });
}

/** Types of the site's pages and components, which tsc cannot read. */
export function checkSite(prepared) {
  return runAstro(["check", "--tsconfig", "site/tsconfig.json"], prepared);
}

/** @file The real server over a folder, with the site that was built from what it holds. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type ChildServer, startChild } from "../../../test/world/deployments.ts";
import { REPOSITORY } from "../repository.ts";

/** @param site folder of a built site; null: whatever dist/site holds. */
export function startServer(folder: string, site: string | null): Promise<ChildServer> {
  const args = ["serve", "--port", "0", "--folder", folder, "--with-parent"];
  const shown = site === null ? [] : ["--site", site];
  return startChild("api/node.ts", [...args, ...shown], { RADEMARK_LIMITS: "off" });
}

/** `npm run site:build -- --api URL --out DIR` */
export async function buildFrom(url: string, site: string): Promise<void> {
  const args = [`${REPOSITORY}setup/site-build.mjs`, "--api", url, "--out", site];
  await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
}

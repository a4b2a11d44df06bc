/** @file The Worker in workerd, as Cloudflare runs it, started by wrangler. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild, type ChildServer } from "./child-server.ts";

/** @param secrets as they stand in the Worker's environment. */
export async function startWorkerd(secrets: Record<string, string>): Promise<ChildServer> {
  const folder = mkdtempSync(join(tmpdir(), "rademark-worker-"));
  const site = join(folder, "site");
  mkdirSync(site);
  const server = await startChild("test/deployments/worker-process.ts", [site], {
    WORKER_SECRETS: JSON.stringify(secrets),
    XDG_CONFIG_HOME: folder,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_LOG_PATH: join(folder, "log"),
  });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { ...server, stop: () => server.stop().finally(remove) };
}

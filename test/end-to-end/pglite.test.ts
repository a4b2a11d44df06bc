import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "../world/deployments.ts";
import { wholeSuite } from "./whole-suite.ts";

/** As a person starts it; it makes its log's key itself. */
async function rademarkServe({ RADEMARK_OPERATORS = "" }: Record<string, string> = {}) {
  const data = mkdtempSync(join(tmpdir(), "rademark-serve-"));
  const args = ["serve", "--port", "0", "--data", data, "--operator", RADEMARK_OPERATORS];
  const server = await startChild("setup/rademark.mjs", args, ownSettings());
  const remove = () => rmSync(data, { recursive: true, force: true });
  return { url: server.url, stop: () => server.stop().then(remove) };
}

/** Where this machine keeps the engine. */
function ownSettings(): Record<string, string> {
  const names = ["RADEMARK_CACHE", "RADEMARK_ENGINE", "XDG_CACHE_HOME"];
  const given = names.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(
    given.filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

const deployment = { name: "PGlite, by rademark serve", start: rademarkServe };
wholeSuite(deployment, "real");

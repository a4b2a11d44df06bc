import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "../homes/child-server.ts";
import { wholeSuite } from "./whole-suite.ts";

/** As a person starts it; it makes its log's key itself. */
async function rademarkServe({ RADEMARK_OPERATORS = "" }: Record<string, string> = {}) {
  const data = mkdtempSync(join(tmpdir(), "rademark-serve-"));
  const args = ["serve", "--port", "0", "--data", data, "--operator", RADEMARK_OPERATORS];
  const server = await startChild("setup/rademark.mjs", args);
  const remove = () => rmSync(data, { recursive: true, force: true });
  return { url: server.url, stop: () => server.stop().then(remove) };
}

wholeSuite({ name: "PGlite, by rademark serve", start: rademarkServe }, "real");

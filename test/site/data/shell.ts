/** @file The site built without a server, made once for a whole run of the tests: to build one takes ten seconds. */

import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { inject } from "vitest";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the shell's place is written down. */
    shellFolder: string;
  }
}

/** Before the first test of a project. @returns what is done after its last. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "rademark-shell-"));
  project.provide("shellFolder", folder);
  return () => {
    const place = join(folder, "place");
    if (existsSync(place)) rmSync(readFileSync(place, "utf8"), { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Its folder, for reading only. Built by whoever asks first, while others wait. */
export async function builtShell(): Promise<string> {
  const folder = inject("shellFolder");
  const [place, building] = [join(folder, "place"), join(folder, "building")];
  for (; !existsSync(place); await sleep(100)) {
    if (!taken(building)) continue;
    try {
      const site = await buildSite(null);
      writeFileSync(`${place}.new`, site);
      renameSync(`${place}.new`, place);
    } finally {
      rmSync(building, { recursive: true });
    }
  }
  return readFileSync(place, "utf8");
}

function taken(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

const run = promisify(execFile);

/**
 * Builds the site into a folder of its own and returns it. Below dist, as Astro keeps what it renders from inside of
 * a folder in the checkout, and elsewhere in one place that two builds at a time would fight for.
 *
 * @param api that is prerendered; null for none.
 */
export async function buildSite(api: string | null): Promise<string> {
  mkdirSync("dist", { recursive: true });
  const folder = mkdtempSync(join("dist", "test-site-"));
  const { RADEMARK_API: _, ...environment } = process.env;
  const env = { ...environment, ASTRO_TELEMETRY_DISABLED: "1", RADEMARK_API: api ?? "none" };
  const astro = ["node_modules/astro/bin/astro.mjs", "build", "--outDir", folder];
  await run(process.execPath, astro, { env: { ...env, NODE_ENV: "production" } });
  return folder;
}

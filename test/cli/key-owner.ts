/** @file Somebody with a folder for keys, and a server to register them on; every test is another one. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { Effects } from "../../harness/effects.ts";
import { createClient } from "../../harness/listing/client.ts";
import { findKey } from "../../harness/listing/registration.ts";
import { rademark } from "../world/command-line.ts";
import { sharedServer } from "../world/server.ts";

export function keyOwner() {
  const server = sharedServer();
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(server.root, "person-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const inFolder = (path: string) => join(folder, path);
  return {
    inFolder,
    keys: (args: string[], changes: Partial<Effects> = {}) => {
      const env = { RADEMARK_CONFIG: folder, RADEMARK_API: server.url, ...changes.env };
      return rademark(["keys", ...args], { cwd: folder, ...changes, env });
    },
    keyFile: (name: string) =>
      JSON.parse(readFileSync(inFolder(`keys/${name}.json`), "utf8")) as Record<string, string>,
    /** As the server shows it, null: not at all. */
    known: (publicKey: string) => findKey(createClient({ api: server.url }), publicKey),
  };
}

/** @file Somebody who checks what a server shows; every test is another reader, who has met no log yet. */

import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect } from "vitest";
import type { Finding } from "../../harness/listing/finding.ts";
import type { KnownLog } from "../../harness/listing/log-trust.ts";
import { rademark } from "../world/command-line.ts";

/** A place without a server, as an environment tells it. */
export const OFFLINE = { RADEMARK_API: "http://127.0.0.1:1" };

/** What `verify --json` prints. */
interface Findings {
  kind: string;
  id: string;
  says: string;
  checks: Finding[];
}

export function logReader(server: { root: string; url: string }) {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(server.root, "reader-"))));
  const inFolder = (path: string) => join(folder, path);
  const env = () => ({ RADEMARK_CONFIG: folder, RADEMARK_API: server.url });

  /** @param changes of the environment. */
  async function verify(target: string, changes: Record<string, string | undefined> = {}) {
    const { code, stdout, stderr } = await rademark(["verify", target, "--json"], {
      cwd: folder,
      env: { ...env(), ...changes },
    });
    const document = (stdout ? JSON.parse(stdout) : { checks: [] }) as Findings;
    const states = Object.fromEntries(document.checks.map(({ name, state }) => [name, state]));
    const text = document.checks.map(({ name, text }) => `${name}: ${text}`).join("\n");
    return { ...document, code, states, text, stdout, stderr };
  }

  /** A file of what the log has by this id, written to the reader's folder. */
  async function exported<File>(id: string, file: string): Promise<File> {
    const args = ["export", id, "--out", file];
    const { code, stderr } = await rademark(args, { cwd: folder, env: env() });
    expect(code, stderr).toBe(0);
    return JSON.parse(readFileSync(inFolder(file), "utf8")) as File;
  }

  const logsFile = () => inFolder("logs.json");
  const logs = () => JSON.parse(readFileSync(logsFile(), "utf8")) as Record<string, KnownLog>;
  return { inFolder, env, verify, exported, logsFile, logs };
}

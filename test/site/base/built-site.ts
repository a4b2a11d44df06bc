/** @file The site as the build leaves it, built from the dump of a log that holds two entries and a decision about one. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isApiPath } from "../../../api/app.ts";
import { createSite } from "../../../api/node/serve.ts";
import { bob } from "../../world/statements.ts";
import { listed, entry } from "../../world/visitor.ts";
import { type Laboratory, openPeopledLaboratory } from "../../world/laboratory.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export interface BuiltSite {
  folder: string;
  laboratory: Laboratory;
  /** Id of the entry that was decided about. */
  entryId: string;
  otherId: string;
  /** Files and API on one origin, as the server hands them out. */
  fetch: (request: Request) => Response | Promise<Response>;
  /** The files alone, as a host without the API hands them out. */
  files: { fetch: (request: Request) => Response | Promise<Response> };
  remove(): Promise<void>;
}

export const REASON = "The declared machine does not exist.";

export const SITE_URL = "https://rademark.test";
export const REPOSITORY_URL = "https://git.test/rademark";

const ADDRESSES = ["--site-url", `${SITE_URL}/`, "--repository-url", REPOSITORY_URL];

export async function buildSite(): Promise<BuiltSite> {
  const laboratory = await openPeopledLaboratory({ operators: new Set([bob.key]) });
  const { receipt } = await entry(laboratory);
  await decide(laboratory, receipt.id);
  const otherId = await listed(laboratory, { regs: "wd=0.005" });
  const work = mkdtempSync(join(tmpdir(), "rademark-site-"));
  const folder = join(work, "site");
  const dump = join(work, "log.jsonl.gz");
  const exported = await laboratory.app.request("/v1/export/log.jsonl.gz");
  writeFileSync(dump, new Uint8Array(await exported.arrayBuffer()));
  const { status, stdout, stderr } = runBuild("--from", dump, "--out", folder, ...ADDRESSES);
  if (status !== 0) throw new Error(stdout + stderr);
  const site = createSite(folder);
  return {
    folder,
    laboratory,
    entryId: receipt.id,
    otherId,
    files: site,
    fetch: (request) =>
      isApiPath(new URL(request.url).pathname)
        ? laboratory.app.fetch(request)
        : site.fetch(request),
    remove: async () => {
      await laboratory.close();
      rmSync(work, { recursive: true, force: true });
    },
  };
}

/** `npm run site:build -- ...args`, without the clone's reference, whose every entry would be verified and drawn. */
export function runBuild(...args: string[]) {
  const program = `${ROOT}/setup/site-build.mjs`;
  const reference = args.includes("--reference") ? [] : ["--reference", "none"];
  const all = [program, ...args, ...reference];
  return spawnSync(process.execPath, all, { encoding: "utf8", timeout: 100_000 });
}

async function decide({ submit, deployment }: Laboratory, subject: string): Promise<void> {
  const statement = {
    key: bob.key,
    action: "quarantine",
    subject,
    reason: REASON,
    at: deployment.now().toISOString(),
  } as const;
  const answer = await submit("/v1/moderations", "moderation", statement, bob);
  if (answer.status !== 201) throw new Error(await answer.text());
}

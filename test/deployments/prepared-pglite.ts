/** @file A migrated PGlite, made once for a whole run of the tests: to make one takes seconds, to load one does not. */

import { existsSync, linkSync, mkdtempSync, openAsBlob, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { migrate as migratePglite } from "drizzle-orm/pglite/migrator";
import { inject } from "vitest";
import type { TestProject } from "vitest/node";
import { migrate } from "../../db/migrate.ts";
import * as schema from "../../db/schema.ts";

declare module "vitest" {
  interface ProvidedContext {
    preparedFolder: string;
  }
}

/** Before the first test of a project. @returns what is done after its last. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "rademark-prepared-"));
  project.provide("preparedFolder", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}

/** For `openPglite`. Made by whoever asks first. */
export async function preparedFiles(): Promise<Blob> {
  const path = join(inject("preparedFolder"), "pglite.tar");
  if (!existsSync(path)) await prepare(path);
  return openAsBlob(path);
}

async function prepare(path: string): Promise<void> {
  const client = await PGlite.create();
  await migrate(drizzle(client, { schema, casing: "snake_case" }), migratePglite);
  const files = await client.dumpDataDir("none");
  await client.close();
  const own = `${path}.${process.pid}`;
  writeFileSync(own, new Uint8Array(await files.arrayBuffer()));
  keepFirst(own, path);
}

/** Whole, and never replaced: a blob of a file that another one took the place of cannot be read. */
function keepFirst(own: string, path: string): void {
  try {
    linkSync(own, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  rmSync(own);
}

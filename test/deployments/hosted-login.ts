/** @file The login that docs/hosting.md gives a public server: it may write, owns nothing and waits for nothing long. */

import { readFileSync } from "node:fs";
import type { ThrowawayPostgres } from "./throwaway-postgres.ts";

const HOSTING = new URL("../../docs/hosting.md", import.meta.url);

/**
 * Does what the page says, in a migrated database.
 *
 * @returns the server's address for that login, with a password, as Neon's driver wants one.
 */
export async function createHostedLogin({ url, run }: ThrowawayPostgres): Promise<string> {
  const statements = readFileSync(HOSTING, "utf8").match(/^ {4}(create|alter) role .*;$/gm) ?? [];
  for (const statement of statements) await run(statement);
  return url.replace("app@", "rademark_server:none@");
}

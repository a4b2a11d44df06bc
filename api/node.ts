/** @file `node api/node.ts COMMAND`: the local server, and what is done to its database. */

import { HomeError } from "../db/home/home-error.ts";
import { COMMANDS } from "./node/commands.ts";
import { readOptions } from "./node/options.ts";
import { readSettings } from "./settings.ts";

const USAGE = `node api/node.ts serve [--port 8787] [--host 127.0.0.1] [--folder DIR] [--with-parent]
node api/node.ts mirror FILE [--port 8787] [--host 127.0.0.1] [--with-parent]
node api/node.ts migrate|reindex [--folder DIR]
node api/node.ts dump|restore FILE [--folder DIR]`;

/** The system's codes for a disk that takes nothing. */
const FULL_OR_CLOSED = ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM"];

async function main([name = "", ...args]: string[]): Promise<void> {
  const command = COMMANDS[name];
  if (!command) throw new HomeError(USAGE);
  await command(readSettings(process.env), readOptions(args));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isUsage = (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS") ?? false;
  const isDisk = FULL_OR_CLOSED.includes((error as { code?: string }).code ?? "");
  if (!(error instanceof HomeError) && !isUsage && !isDisk) throw error;
  const cure = isDisk ? ". Make room, or choose a folder that can be written." : "";
  process.stderr.write(`${(error as Error).message}${cure}\n`);
  process.exit(2); // standard input may still be open
}

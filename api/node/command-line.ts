/** @file The local server, and what is done to its database, as `api/node.ts` is told. */

import { OperatorError } from "../../db/db.ts";
import { catchSystemErrors, systemErrorWords } from "../../setup/shared/system-error.mjs";
import { visible } from "../../setup/shared/visible.mjs";
import { COMMANDS, readOptions } from "./server-commands.ts";
import { readSettings } from "../server-settings.ts";

const USAGE = `node api/node.ts serve [--port 8787] [--host 127.0.0.1] [--folder DIR] [--with-parent]
node api/node.ts mirror FILE [--port 8787] [--host 127.0.0.1] [--with-parent]
node api/node.ts migrate|reindex [--folder DIR]
node api/node.ts dump|restore FILE [--folder DIR]`;

async function main([name = "", ...args]: string[]): Promise<void> {
  const command = COMMANDS[name];
  if (!command) throw new OperatorError(USAGE);
  await command(readSettings(process.env), readOptions(args));
}

catchSystemErrors("", 1);
try {
  await main(process.argv.slice(2));
} catch (error) {
  const isUsage = (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS") ?? false;
  const words =
    error instanceof OperatorError || isUsage ? (error as Error).message : systemErrorWords(error);
  if (words === null) throw error;
  process.stderr.write(`${visible(words)}\n`);
  const end = () => process.exit(2); // standard input may still be open
  const { code = null } = Object((error as Error).cause) as { code?: string };
  if (process.send) process.send({ code }, end);
  else end();
}

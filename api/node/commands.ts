/** @file What can be asked of a server's process. */

import type { Settings } from "../settings.ts";
import { dumpCommand } from "./dump-command.ts";
import { migrateCommand } from "./migrate-command.ts";
import { mirrorCommand } from "./mirror-command.ts";
import type { Options } from "./options.ts";
import { reindexCommand } from "./reindex-command.ts";
import { restoreCommand } from "./restore-command.ts";
import { serveCommand } from "./serve-command.ts";

export const COMMANDS: Partial<
  Record<string, (settings: Settings, options: Options) => Promise<void>>
> = {
  serve: serveCommand,
  mirror: mirrorCommand,
  migrate: migrateCommand,
  reindex: reindexCommand,
  dump: dumpCommand,
  restore: restoreCommand,
};

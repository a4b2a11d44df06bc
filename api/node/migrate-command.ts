/** @file `node api/node.ts migrate`: as the login of `DATABASE_URL`, which owns the tables. */

import { migratePostgres } from "../../db/home/open-postgres.ts";
import type { Settings } from "../settings.ts";
import { explained, openDatabase } from "./open-home.ts";
import type { Options } from "./options.ts";

export async function migrateCommand(settings: Settings, options: Options): Promise<void> {
  const count = await migrated(settings, options);
  process.stdout.write(count === 0 ? "nothing to migrate\n" : `${count} migrations run\n`);
}

async function migrated(settings: Settings, { folder, report }: Options): Promise<number> {
  const { databaseUrl } = settings;
  if (databaseUrl !== null)
    return migratePostgres(databaseUrl).catch((error: unknown) => {
      throw explained(error, databaseUrl);
    });
  const { close, migrations } = await openDatabase(settings, folder, report);
  await close();
  return migrations;
}

import { sql } from "drizzle-orm";
import { expect, onTestFinished, test } from "vitest";
import { openNeonPool, useNeonProxy } from "../../db/stores/open-neon.ts";
import { migratePostgres } from "../../db/stores/open-postgres.ts";
import { createHostedLogin, startPostgres } from "../world/postgres.ts";
import { startNeonProxy } from "../world/neon-proxy.ts";

interface Setting extends Record<string, unknown> {
  name: string;
  setting: string;
}

test("a Worker's login waits no longer for a lock, a query or an idle transaction than a server's", async () => {
  const postgres = await startPostgres();
  onTestFinished(postgres.stop);
  await migratePostgres(postgres.url);
  const proxy = await startNeonProxy(postgres.url);
  onTestFinished(proxy.stop);
  useNeonProxy(proxy.host);
  const { db, close } = openNeonPool(await createHostedLogin(postgres));
  const { rows } = (await db.execute<Setting>(sql`
    select name, setting from pg_settings where unit = 'ms' and setting <> '0' and source = 'user'
  `)) as { rows: Setting[] };
  await close();
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    lock_timeout: "10000",
    statement_timeout: "20000",
    idle_in_transaction_session_timeout: "20000",
  });
});

import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { migratePostgres } from "../../db/stores/open-postgres.ts";
import { startNeonProxy } from "../world/neon-proxy.ts";
import { startPostgres } from "../world/postgres.ts";
import { challenge, visitor } from "../world/visitor.ts";
import { startWorkerd } from "../world/deployments.ts";
import { aResult, idOf } from "../world/statements.ts";

test("a Worker lists a result over the connection that took it, as a second one may be refused", async () => {
  const postgres = await startPostgres();
  onTestFinished(postgres.stop);
  await migratePostgres(postgres.url);
  await postgres.run("create role worker login in role rademark_writer");
  const proxy = await startNeonProxy(postgres.url);
  onTestFinished(proxy.stop);
  const worker = await startWorkerd({
    RADEMARK_LOG_SEED: "07".repeat(32),
    RADEMARK_LOG_ORIGIN: "test.example/log",
    DATABASE_URL: postgres.url.replace("app@", "worker:none@"),
    RADEMARK_NEON_PROXY: proxy.host,
  });
  onTestFinished(async () => void (await worker.stop()));
  const someone = visitor(worker.url);
  await someone.register();
  const result = aResult(await challenge(someone));
  await sleep(1000); // what these left to do is done
  const before = proxy.sockets();
  expect((await someone.submit("/v1/results", "result", result)).status).toBe(201);
  await sleep(1500); // nobody looks, as that takes connections, too
  expect(proxy.sockets() - before).toBe(1);
  const { rows } = await someone.board();
  expect(rows.map(({ entry }) => entry)).toEqual([idOf(result)]);
});

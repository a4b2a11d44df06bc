import { afterAll, beforeAll, expect, test } from "vitest";
import { migratePostgres } from "../../db/stores/open-postgres.ts";
import { type ChildServer, startWorkerd } from "../world/deployments.ts";
import { createHostedLogin, type ThrowawayPostgres, startPostgres } from "../world/postgres.ts";
import { type NeonProxy, startNeonProxy } from "../world/neon-proxy.ts";
import { aCommitment } from "../world/statements.ts";
import { visitor } from "../world/visitor.ts";

let postgres: ThrowawayPostgres;
let proxy: NeonProxy;
let secrets: Record<string, string>;
beforeAll(async () => {
  postgres = await startPostgres();
  await migratePostgres(postgres.url);
  proxy = await startNeonProxy(postgres.url);
  secrets = {
    DATABASE_URL: await createHostedLogin(postgres),
    RADEMARK_LOG_SEED: "07".repeat(32),
    RADEMARK_LOG_ORIGIN: "test.example/log",
    RADEMARK_NEON_PROXY: proxy.host,
  };
});
afterAll(async () => {
  await proxy.stop();
  await postgres.stop();
});

/** Starts a Worker with other settings, for as long as `use` takes. */
async function withWorker(
  changes: Record<string, string>,
  use: (worker: ChildServer) => Promise<void>,
): Promise<void> {
  const worker = await startWorkerd({ ...secrets, ...changes });
  await use(worker).finally(worker.stop);
}

const leaves = () => postgres.count("select count(*) from leaves");

test("a Worker without a name for its log says so to its operator, and writes nothing", async () => {
  await withWorker({ RADEMARK_LOG_ORIGIN: "" }, async (worker) => {
    expect((await visitor(worker.url).register()).status).toBe(503);
    expect(await leaves()).toBe(0);
    await expect
      .poll(worker.errors)
      .toContain("RADEMARK_LOG_ORIGIN is empty: write the log's name");
  });
});

test.each([
  ["key", { RADEMARK_LOG_SEED: "09".repeat(32) }],
  ["origin", { RADEMARK_LOG_ORIGIN: "other.example/log" }],
])("a Worker with another %s than the log's adds no leaf to it", async (_, changes) => {
  if ((await leaves()) === 0)
    await withWorker({}, async ({ url }) => void (await visitor(url).register()));
  const size = await leaves();
  expect(size).toBeGreaterThan(0);
  await withWorker(changes, async (worker) => {
    const someone = visitor(worker.url);
    const { status } = await someone.submit("/v1/challenges", "commitment", aCommitment());
    expect(status).toBe(500);
    expect(await leaves()).toBe(size);
    await expect
      .poll(worker.errors)
      .toContain("the log in this database is that of test.example/log");
  });
});

test("what goes wrong in a Worker is one line of its log, without the query", async () => {
  await withWorker({}, async (worker) => {
    await postgres.run("alter table boards rename to gone");
    const answer = await visitor(worker.url).get("/v1/boards/micro-1");
    await postgres.run("alter table gone rename to boards");
    expect(answer.status).toBe(500);
    await expect.poll(worker.errors).toMatch(/NeonDbError 42P01: relation "boards" does not exist/);
    expect(worker.errors()).not.toMatch(/select|Failed query|params/i);
  });
});

import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { migratePostgres } from "../../db/stores/open-postgres.ts";
import { type ChildServer, startWorkerd } from "../world/deployments.ts";
import { createHostedLogin, type ThrowawayPostgres, startPostgres } from "../world/postgres.ts";
import { type NeonProxy, startNeonProxy } from "../world/neon-proxy.ts";
import { type Visitor, visitor } from "../world/visitor.ts";

let postgres: ThrowawayPostgres;
let proxy: NeonProxy;
let worker: ChildServer;
let someone: Visitor;
/** In whose way the Worker's queries come to wait. */
let holder: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres();
  await migratePostgres(postgres.url);
  proxy = await startNeonProxy(postgres.url);
  worker = await startWorkerd({
    DATABASE_URL: await createHostedLogin(postgres),
    RADEMARK_LOG_SEED: "07".repeat(32),
    RADEMARK_LOG_ORIGIN: "test.example/log",
    RADEMARK_NEON_PROXY: proxy.host,
  });
  someone = visitor(worker.url);
  expect((await someone.register()).status).toBe(201);
});
afterAll(async () => {
  await worker.stop();
  await proxy.stop();
  await postgres.stop();
});
beforeEach(async () => {
  holder = new pg.Client({ connectionString: postgres.url });
  await holder.connect();
  const warning = async () => (await someone.get(BOARD)).headers.get("warning");
  await expect.poll(warning, { timeout: 5000 }).toBeNull();
  await new Promise((resolve) => setTimeout(resolve, 1100)); // the next read asks whether anything changed
});
afterEach(async () => {
  proxy.fail(null);
  await holder.end(); // gives back what it has
});

const BOARD = "/v1/boards/micro-1";
const waiting = () => postgres.count("select count(*) from pg_locks where not granted");

/** Cuts Neon's connections once a query of the request waits for what the holder has. */
async function cutInTheMiddle(request: Promise<Response>): Promise<Response> {
  await expect.poll(waiting).toBe(1);
  proxy.cut();
  return request;
}

test("a write whose connection breaks in the middle is answered 503", async () => {
  await holder.query("select pg_advisory_lock(x'726164656d61726b'::bigint)"); // the log's
  const answer = await cutInTheMiddle(someone.register());
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(await answer.text()).toContain("not stored twice");
});

test("a read whose connection breaks in the middle is answered as it was", async () => {
  await holder.query("begin; lock table leaves in access exclusive mode");
  const answer = await cutInTheMiddle(someone.get(BOARD));
  expect([answer.status, answer.headers.get("warning")]).toEqual([
    200,
    expect.stringMatching("110"),
  ]);
});

test("while Neon answers that its compute is away, reads are stale and writes get 503", async () => {
  proxy.fail(502);
  const stale = await someone.get(BOARD);
  expect([stale.status, stale.headers.get("warning")]).toEqual([200, expect.stringMatching("110")]);
  const unknown = await someone.get(`${BOARD}?sort=gap`);
  expect(unknown.status).toBe(503);
  expect(await unknown.text()).not.toContain("stored");
  expect((await someone.register()).status).toBe(503);
  await expect.poll(worker.errors).toContain("Server error (HTTP status 502)");
});

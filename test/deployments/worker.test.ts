import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import {
  afterAll,
  beforeAll,
  describe,
  expect,
  test,
  afterEach,
  beforeEach,
  onTestFinished,
} from "vitest";
import pg from "pg";
import { sql } from "drizzle-orm";
import { API_PATHS } from "../../api/app.ts";
import { migratePostgres } from "../../db/stores/open-postgres.ts";
import { type ChildServer, startWorkerd } from "../world/deployments.ts";
import { createHostedLogin, type ThrowawayPostgres, startPostgres } from "../world/postgres.ts";
import { type NeonProxy, startNeonProxy } from "../world/neon-proxy.ts";
import { challenge, visitor, type Visitor } from "../world/visitor.ts";
import { aCommitment } from "../world/statements.ts";
import { openNeonPool, useNeonProxy } from "../../db/stores/open-neon.ts";

const WRANGLER = join(
  dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
  "bin/wrangler.js",
);

test("the Worker is below 1 MB in gzip, and holds nothing of the harness, the site or Node", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rademark-bundle-"));
  mkdirSync(join(folder, "site"));
  const [out, assets] = [join(folder, "out"), join(folder, "site")];
  const args = ["deploy", "--dry-run", "--outdir", out, "--metafile", "--assets", assets];
  const env = { ...process.env, XDG_CONFIG_HOME: folder, WRANGLER_SEND_METRICS: "false" };
  await promisify(execFile)(process.execPath, [WRANGLER, ...args], { env });
  const meta = JSON.parse(readFileSync(join(out, "bundle-meta.json"), "utf8")) as {
    inputs: Record<string, unknown>;
  };
  const worker = readFileSync(join(out, "worker.js"));
  rmSync(folder, { recursive: true });
  const inputs = Object.keys(meta.inputs);
  expect(inputs).toContain("api/worker.ts");
  const strangers = /^(harness|site|setup|test)\/|pglite|\/pg\/|tensorflow/;
  expect(inputs.filter((input) => strangers.test(input))).toEqual([]);
  expect(worker.toString()).not.toMatch(/^import .* from "node:/m);
  expect(gzipSync(worker).length).toBeLessThan(1_000_000);
});

test("Workers and Node agree on which addresses are the API's", () => {
  const config = readFileSync(new URL("../../wrangler.toml", import.meta.url), "utf8");
  const [, paths] = /^run_worker_first = (.*)$/m.exec(config)!;
  expect(JSON.parse(paths!)).toEqual(API_PATHS);
});

describe("a Worker", () => {
  let postgres: ThrowawayPostgres;
  let proxy: NeonProxy;
  let worker: ChildServer;

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
  });
  afterAll(async () => {
    await worker.stop();
    await proxy.stop();
    await postgres.stop();
  });

  test("logs by its cron that a challenge has expired", async () => {
    const alice = visitor(worker.url);
    await alice.register();
    const { id } = await challenge(alice);
    await postgres.run("update challenges set expires_at = now() - interval '1 minute'");
    const cron = await alice.get("/cdn-cgi/handler/scheduled");
    expect(cron.status, await cron.text()).toBe(200);
    const document: unknown = await (await alice.get(`/v1/challenges/${id}`)).json();
    expect(document).toMatchObject({ outcome: { outcome: "expired" } });
  });

  test("answers writes with 503 while its database is away, and goes on when it is back", async () => {
    const alice = visitor(worker.url);
    await postgres.kill();
    const refused = await alice.register();
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("5");
    await postgres.start();
    await challenge(alice);
  });

  test("leaves no connection open", async () => {
    const alice = visitor(worker.url);
    for (let i = 0; i < 12; i++) await alice.register();
    const open = () =>
      postgres.count("select count(*) from pg_stat_activity where backend_type = 'client backend'");
    await expect.poll(open).toBe(1); // the one that asks
  });
});

describe("what a Worker logs", () => {
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
      await expect
        .poll(worker.errors)
        .toMatch(/NeonDbError 42P01: relation "boards" does not exist/);
      expect(worker.errors()).not.toMatch(/select|Failed query|params/i);
    });
  });
});

describe("a Worker whose database fails", () => {
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
    await expect.poll(warning).toBeNull();
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
    expect([stale.status, stale.headers.get("warning")]).toEqual([
      200,
      expect.stringMatching("110"),
    ]);
    const unknown = await someone.get(`${BOARD}?sort=gap`);
    expect(unknown.status).toBe(503);
    expect(await unknown.text()).not.toContain("stored");
    expect((await someone.register()).status).toBe(503);
    await expect.poll(worker.errors).toContain("Server error (HTTP status 502)");
  });
});

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

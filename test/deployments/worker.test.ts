import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { API_PATHS } from "../../api/app.ts";
import { migratePostgres } from "../../db/stores/open-postgres.ts";
import { type ChildServer, startWorkerd } from "../world/deployments.ts";
import { createHostedLogin, type ThrowawayPostgres, startPostgres } from "../world/postgres.ts";
import { type NeonProxy, startNeonProxy } from "../world/neon-proxy.ts";
import { challenge, visitor } from "../world/visitor.ts";

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
    await expect.poll(open, { timeout: 5000 }).toBe(1); // the one that asks
  });
});

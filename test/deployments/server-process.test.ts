import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPglite } from "../../db/stores/open-pglite.ts";
import { rademark } from "../world/command-line.ts";
import { type ChildServer, startChild, startNode } from "../world/deployments.ts";
import { type ThrowawayPostgres, startPostgres } from "../world/postgres.ts";
import { challenge, entry, visitor } from "../world/visitor.ts";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "rademark-server-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a server with its database in a folder", () => {
  let server: ChildServer;
  let deployment: string;

  beforeAll(async () => {
    deployment = join(folder, "deployment");
    server = await startNode(deployment);
  });
  afterAll(() => server.stop());

  test("makes the log's key for its owner alone", () => {
    const key = join(deployment, "log-key");
    expect(readFileSync(key, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
    expect(statSync(key).mode & 0o777).toBe(0o600);
  });

  test("keeps others out of the folder, and says who has it and what to do", async () => {
    await expect(openPglite(deployment)).rejects.toThrow(
      `in use by process ${server.pid}. Stop it`,
    );
    await expect(startNode(deployment)).rejects.toThrow(`in use by process ${server.pid}`);
    const env = { PATH: process.env.PATH };
    const dump = await rademark(["db", "dump", join(folder, "no.gz"), "--data", deployment], {
      env,
    });
    expect(dump).toMatchObject({ code: 2, stdout: "" });
    expect(dump.stderr).toMatch(/^rademark: the database in .* is in use/);
  });

  test("says that a port is taken", async () => {
    const { port } = new URL(server.url);
    const args = ["serve", "--folder", join(folder, "other"), "--port", port];
    await expect(startChild("api/node.ts", args)).rejects.toThrow(
      `port ${port} of 127.0.0.1 is taken`,
    );
  });

  test("killed, it has every acknowledged entry when it starts again", async () => {
    const alice = visitor(server.url);
    await alice.register();
    const { result, receipt } = await entry(alice);
    await server.kill();
    server = await startNode(deployment);
    const again = await visitor(server.url).submit("/v1/results", "result", result);
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(receipt);
  });

  test("told to end, it answers what it has begun, and gives the folder back", async () => {
    const answer = challenge(visitor(server.url));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await server.stop()).toBe(0);
    await answer;
    await (await openPglite(deployment)).close();
    expect(server.errors()).toBe("");
  });

  test("does not go on with another log's entries", async () => {
    const other = { RADEMARK_LOG_SEED: "09".repeat(32) };
    await expect(startNode(deployment, other)).rejects.toThrow(
      /signed by another key than this server's/,
    );
    const key = join(deployment, "log-key");
    const kept = readFileSync(key);
    rmSync(key);
    await expect(startNode(deployment)).rejects.toThrow(/not the key that signs it/);
    writeFileSync(key, kept, { mode: 0o600 });
    server = await startNode(deployment);
  });

  test("a dump of it is restored by command, into another folder", async () => {
    const root = (text: string) => text.split("\n")[2];
    const checkpoint = await (await visitor(server.url).get("/v1/log/checkpoint")).text();
    await server.stop();
    const env = { PATH: process.env.PATH };
    const [dump, drill] = [join(folder, "dump.jsonl.gz"), join(folder, "drill")];
    expect(await rademark(["db", "dump", dump, "--data", deployment], { env })).toMatchObject({
      code: 0,
    });
    const restored = await rademark(["db", "restore", dump, "--data", drill], { env });
    const hex = Buffer.from(root(checkpoint)!, "base64").toString("hex");
    expect(restored).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`root ${hex}`) as string,
    });
    const again = await rademark(["db", "restore", dump, "--data", drill], { env });
    expect(again).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("not empty") as string,
    });
    expect(await rademark(["db", "reindex", "--data", drill], { env })).toMatchObject({ code: 0 });
  });
});

describe("a server whose PostgreSQL goes away", () => {
  let postgres: ThrowawayPostgres;
  let server: ChildServer;

  beforeAll(async () => {
    postgres = await startPostgres();
    server = await startNode(join(folder, "postgres"), { DATABASE_URL: postgres.url });
  });
  afterAll(async () => {
    await server.stop();
    await postgres.stop();
  });

  test("answers writes with 503 until it is back, and tells its operator in one line", async () => {
    const alice = visitor(server.url);
    expect((await alice.register()).status).toBe(201);
    await postgres.kill();
    const refused = await alice.register();
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(await refused.text()).not.toMatch(/select|insert|at .*\.ts/i);
    expect(server.errors()).toMatch(/^\S+Z .*/m);
    expect(server.errors()).not.toMatch(/^ {4}at /m);
    await postgres.start();
    expect((await entry(alice)).receipt.index).toBeGreaterThan(0);
  });

  test("lives on when it goes away in the middle of a write", async () => {
    const holder = new pg.Client({ connectionString: postgres.url });
    holder.on("error", () => undefined); // killed with its server
    await holder.connect();
    await holder.query("select pg_advisory_lock(x'726164656d61726b'::bigint)"); // the log's
    const answer = visitor(server.url).register();
    const waiting = () => postgres.count("select count(*) from pg_locks where not granted");
    await expect.poll(waiting).toBe(1);
    await postgres.kill();
    expect((await answer).status).toBe(503);
    await postgres.start();
    await challenge(visitor(server.url));
  });

  test("does not start without it, and names the address without the password", async () => {
    const nowhere = { DATABASE_URL: "postgres://me:secret@127.0.0.1:1/none" };
    const start = startNode(join(folder, "nowhere"), nowhere);
    await expect(start).rejects.toThrow(/no database at 127\.0\.0\.1:1\/none/);
    await start.catch((error: Error) => expect(error.message).not.toContain("secret"));
  });
});

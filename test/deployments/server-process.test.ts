import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPglite } from "../../db/stores/open-pglite.ts";
import { rademark } from "../world/command-line.ts";
import { layOutDatabase } from "../world/databases.ts";
import { type ChildServer, startChild, startNode } from "../world/deployments.ts";
import { type ThrowawayPostgres, startPostgres } from "../world/postgres.ts";
import { challenge, entry, visitor } from "../world/visitor.ts";
import { exposure, isLoopback, startServer } from "../../harness/cli/commands/serve.ts";
import { alice, bob } from "../world/statements.ts";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "rademark-server-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a server with its database in a folder", () => {
  let server: ChildServer;
  let deployment: string;

  beforeAll(async () => {
    deployment = join(folder, "deployment");
    await layOutDatabase(deployment); // the first start of all is that of end-to-end/pglite
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
    await layOutDatabase(join(folder, "other"));
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
    await layOutDatabase(drill);
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

describe("the command that serves", () => {
  /** Serves an empty database while `visit` looks at it. @returns how the command ended. */
  async function served(
    args: string[],
    visit: (url: string) => Promise<void>,
    env: Record<string, string> = {},
  ) {
    const cwd = mkdtempSync(join(tmpdir(), "rademark-serve-"));
    await layOutDatabase(join(cwd, "here"));
    let stdout = "";
    let interrupt = () => {};
    let heard: (url: string) => void;
    const listening = new Promise<string>((resolve) => (heard = resolve));
    const ended = rademark(["serve", "--port", "0", "--data", "here", ...args], {
      cwd,
      env: { PATH: process.env.PATH, ...env },
      out: (text) => {
        stdout += text;
        heard(/listening on (\S+)/.exec(text)![1]!);
      },
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => undefined;
      },
    });
    const url = await Promise.race([
      listening,
      ended.then(({ stderr }) => Promise.reject(new Error(stderr))),
    ]);
    await visit(url);
    interrupt();
    const end = await ended;
    await expect(fetch(url)).rejects.toThrow();
    rmSync(cwd, { recursive: true });
    return { ...end, stdout };
  }

  test("rademark serve says where it listens, shows a page there and ends by Ctrl-C", async () => {
    const operators = ["--operator", alice.key, "--operator", bob.key];
    const { code, stdout, stderr } = await served(operators, async (url) => {
      expect(new URL(url).hostname).toBe("127.0.0.1");
      expect((await fetch(`${url}/v1/health`)).status).toBe(200);
      const start = await (await fetch(url)).text();
      expect(start).toContain("<html");
    });
    expect([code, stderr]).toEqual([0, ""]);
    const isBuilt = existsSync(new URL("../../dist/site/index.html", import.meta.url));
    expect(stdout.includes("npm run site:build")).toBe(!isBuilt);
  });

  test("rademark serve --host listens there, and warns where others can reach it", async () => {
    const { code, stderr } = await served(["--host", "0.0.0.0"], async (url) => {
      expect(new URL(url).hostname).toBe("0.0.0.0");
      expect((await fetch(`http://127.0.0.1:${new URL(url).port}/v1/health`)).status).toBe(200);
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/other machines can reach this server, unencrypted.*TLS.*Quotas/);
    expect(stderr).toContain("unless RADEMARK_PROXY=yes is set");
  });

  test("another loopback address is no reason to warn", async () => {
    const { stderr } = await served(["--host", "127.0.0.2"], async (url) => {
      expect((await fetch(`${url}/v1/health`)).status).toBe(200);
    });
    expect(stderr).toBe("");
  });

  test.each([
    ["127.0.0.1", true],
    ["127.8.8.8", true],
    ["localhost", true],
    ["::1", true],
    ["0:0:0:0:0:0:0:1", true],
    ["::ffff:127.0.0.1", true],
    ["0.0.0.0", false],
    ["::", false],
    ["192.168.1.5", false],
    ["127.example.org", false],
    ["", false],
  ])("%j is reached from this machine alone: %j", (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });

  test("with a proxy in front the warning is another one, and lifted quotas are told", () => {
    expect(exposure({ RADEMARK_PROXY: "yes" })).toMatch(/let only your proxy reach this port/);
    expect(exposure({})).not.toContain("RADEMARK_LIMITS");
    expect(exposure({ RADEMARK_LIMITS: "off" })).toContain("there are no quotas");
  });

  test.each([
    [["serve", "--operator", "me"], /not a public key/],
    [["serve", "--port", "70000"], /from 0 to 65535/],
    [["serve", "--host", "203.0.113.9", "--port", "0"], /203\.0\.113\.9 is no address of this/],
    [["db", "dump"], /FILE is missing/],
    [["db", "migrate", "x"], /one word too many/],
  ])("rademark %j is refused with a sentence", async (args, reason) => {
    const cwd = mkdtempSync(join(folder, "refused-")); // not the clone, whose own server may be running
    await layOutDatabase(join(cwd, ".rademark/server"));
    const { code, stderr } = await rademark(args, { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(reason);
  });

  test("a server whose port is taken is started at the other one, and without another says so", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    const folder = mkdtempSync(join(tmpdir(), "rademark-serve-"));
    await layOutDatabase(folder);
    const effects = { env: { PATH: process.env.PATH }, err: () => undefined };
    const server = await startServer({ folder, port, otherPort: 0 }, effects);
    expect(new URL(server.url).port).not.toBe(String(port));
    await server.stop();
    await expect(startServer({ folder, port }, effects)).rejects.toThrow(`port ${port}`);
    holder.close();
    rmSync(folder, { recursive: true });
  });
});

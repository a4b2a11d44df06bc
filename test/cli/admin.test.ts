import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { LIMITS } from "../../api/deployment.ts";
import { type RunningServer, serve } from "../../api/node/serve.ts";
import { EXIT } from "../../harness/errors.ts";
import { createKey } from "../../harness/listing/key-store.ts";
import { scriptedServer } from "../world/scripted-server.ts";
import { type Person, aPerson, rademark } from "../world/command-line.ts";

const root = mkdtempSync(join(tmpdir(), "rademark-admin-"));
const operator = { RADEMARK_CONFIG: join(root, "operator") };
const reported: unknown[] = [];
let server: RunningServer;
beforeAll(async () => {
  const plannedRun = { name: "operator", displayName: null, passphrase: null };
  const { publicKey } = await createKey(plannedRun, { env: operator });
  const operators = new Set([publicKey]);
  const settings = {
    databaseUrl: null,
    seed: null,
    origin: "test.log",
    operators,
    limits: LIMITS,
    hasProxy: false,
  };
  const report = (error: unknown) => void reported.push(error);
  const folder = join(root, "server");
  server = await serve({ settings, folder, host: "127.0.0.1", port: 0, report });
}, 120_000);
afterAll(async () => {
  await server.close();
  expect(reported).toEqual([]);
  rmSync(root, { recursive: true, force: true });
});

const admin = (args: string[]) =>
  rademark(["admin", ...args, "--reason", "looked into"], {
    env: { ...operator, RADEMARK_API: server.url },
    now: Date.now,
  });

/** Boards follow within two seconds, where a machine is idle. */
const followed = (person: Person, args: string[], check: (stdout: string) => void) =>
  vi.waitFor(async () => check((await person.run(args)).stdout), {
    timeout: 60_000,
    interval: 200,
  });

async function list(person: Person, arch: string): Promise<string> {
  const args = ["run", "--protocol", "micro-1", "--threads", "1", "--arch", arch, "--out", arch];
  const { code, stdout, stderr } = await person.run([...args, "--challenge", "--submit"]);
  expect(code, stderr).toBe(0);
  return /([0-9a-f]{64})/.exec(stdout)![1]!;
}

test("an operator quarantines an entry with a public reason, and takes it back", async () => {
  const person = await aPerson(server.url);
  const id = await list(person, "mlp-512");
  const { code, stdout, stderr } = await admin(["quarantine", id]);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/is quarantined.*\(leaf \d+ of the log\)/);
  await followed(person, ["status", id], (text) =>
    expect(text).toContain("quarantined (looked into)"),
  );
  expect((await admin(["unquarantine", id])).code).toBe(0);
  await followed(person, ["status", id], (text) =>
    expect(text).toContain(`mlp-512 none on micro-1, challenged`),
  );
  // Whatever an operator decides, the evidence still stands.
  expect((await person.run(["verify", id])).code).toBe(0);
});

test("an operator's note stands on the row, and a name can be erased", async () => {
  const person = await aPerson(server.url);
  const id = await list(person, "mlp-256");
  expect((await person.run(["status"])).stdout).toContain("shown as Ada");
  expect((await admin(["note", id])).code).toBe(0);
  await followed(person, ["status", id], (text) => expect(text).toContain("note: looked into"));
  expect((await admin(["erase-name", person.key.publicKey])).code).toBe(0);
  expect((await person.run(["status"])).stdout).not.toContain("Ada");
  // What was erased does not come back by itself.
  expect((await person.run(["keys", "register"])).code).toBe(0);
  expect((await person.run(["status"])).stdout).not.toContain("Ada");
});

test("a quarantined protocol, named by its name, takes no commitment, and says why and what to do", async () => {
  const person = await aPerson(server.url);
  const quarantined = await admin(["quarantine", "cifar10-1"]);
  expect(quarantined.code, quarantined.stderr).toBe(0);
  expect(quarantined.stdout).toContain("nothing more is accepted for it, and what is listed stays");
  const args = ["run", "--protocol", "cifar10-1", "--threads", "1", "--arch", "mlp-32"];
  const refused = await person.run([...args, "--out", "refused", "--challenge"]);
  expect(refused.code).toBe(EXIT.verification);
  expect(refused.stderr).toContain("It is quarantined: looked into");
  expect(refused.stderr).toContain("until an operator lifts the quarantine");
  expect((await admin(["unquarantine", "cifar10-1"])).stdout).toContain("is open again");
  await person.run([...args, "--out", "open", "--challenge"]);
  expect(person.has("open/challenge.json")).toBe(true);
});

test("nobody else moderates", async () => {
  const person = await aPerson(server.url);
  const args = ["admin", "quarantine", "0".repeat(64), "--reason", "x", "--key", "default"];
  const { code, stderr } = await person.run(args);
  expect(code).toBe(EXIT.verification);
  expect(stderr).toContain("Only an operator of this server may do this.");
});

test("status shows entries, open challenges with the time left, and what waits to be sent", async () => {
  const person = await aPerson(server.url);
  expect((await person.run(["status"])).stdout).toContain("not registered here");
  const id = await list(person, "mlp-128");
  const args = ["run", "--protocol", "micro-1", "--threads", "1", "--arch", "mlp-64"];
  expect((await person.run([...args, "--out", "open", "--challenge"])).code).toBe(0);
  const isListed = async () => (await person.run(["status"])).stdout.includes(id);
  await expect.poll(isListed).toBe(true);
  const { code, stdout } = await person.run(["status"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/test\.log has \d+ leaves/);
  expect(stdout).toMatch(new RegExp(`${id} +micro-1 +mlp-128 +none +challenged`));
  expect(stdout).toMatch(/[0-9a-f]{64} +mlp-64 +none +\d+:\d\d:\d\d\n/);
  expect(stdout).toContain("Nothing waits to be sent.");
});

test("without a server, status tells what is known here and ends with the network's exit code", async () => {
  const person = await aPerson("http://127.0.0.1:1");
  const trained = ["run", "--protocol", "micro-1", "--threads", "1", "--arch", "mlp-32"];
  await person.run([...trained, "--out", "waits"]);
  expect((await person.run(["submit", "waits"])).code).toBe(EXIT.network);
  const { code, stdout, stderr } = await person.run(["status"]);
  expect(code).toBe(EXIT.network);
  expect(stdout).toMatch(/Waiting to be sent.*\n.*waits, for http:\/\/127\.0\.0\.1:1\n/);
  expect(stderr).toContain("cannot be reached");
});

test("where no rademark server answers, status still tells what is known here, and what came", async () => {
  const page = { status: 200, body: "<p>hello", headers: { "content-type": "text/html" } };
  const stranger = await scriptedServer([page]);
  const person = await aPerson(stranger.api);
  const { code, stdout, stderr } = await person.run(["status"]);
  stranger.close();
  expect(code).toBe(EXIT.network);
  expect(stdout).toContain("does not answer as it should");
  expect(stdout).toContain("Nothing waits to be sent.");
  expect(stderr).toContain("/v1/health answered otherwise than expected (no JSON: text/html)");
});

test("a board is exported as CSV, header and all", async () => {
  const person = await aPerson(server.url);
  const args = ["export", "--protocol", "micro-1", "--csv", "board.csv"];
  const { code, stderr } = await person.run(args);
  expect(code, stderr).toBe(0);
  const [header, ...rows] = readFileSync(join(person.cwd, "board.csv"), "utf8").trim().split("\n");
  expect(header).toContain("entry");
  expect(rows.length).toBeGreaterThan(0);
  expect((await person.run(["export", "--csv", "x.csv"])).code).toBe(EXIT.usage);
});

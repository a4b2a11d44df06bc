import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { RunningServer } from "../../api/node/serve.ts";
import { createKey } from "../../harness/keys/key-store.ts";
import { EXIT } from "../../harness/errors.ts";
import type { Finding } from "../../harness/verify/finding.ts";
import { LogPage } from "../../record/documents/log-document.ts";
import type { StatementFile } from "../../record/documents/statement-document.ts";
import type { EntryFile } from "../../record/entry-file.ts";
import type { LogEntry } from "../../record/log/log-entry.ts";
import { sealEnvelope } from "../../record/statement/envelope.ts";
import { alice } from "../record/statement/factories.ts";
import { aPerson, aServer, type Person } from "../submit/person.ts";
import { rademark } from "./effects.ts";

type Kind = LogEntry["kind"];

const root = mkdtempSync(join(tmpdir(), "rademark-statements-"));
let server: RunningServer;
let entry: string;
/** Newest leaf of each kind, by its digest. */
let digests: Record<Kind, string>;
let challenge: string;

const RUN = ["run", "--protocol", "micro-1", "--threads", "1", "--arch", "mlp-512"];
const idIn = (text: string) => /([0-9a-f]{64})/.exec(text)![1]!;

async function ran(person: Pick<Person, "run">, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await person.run(args);
  expect(code, stderr).toBe(0);
  return stdout;
}

beforeAll(async () => {
  const env = { RADEMARK_CONFIG: join(root, "operator") };
  const wish = { name: "operator", displayName: null, passphrase: null };
  const { publicKey } = await createKey(wish, { env });
  server = await aServer(join(root, "server"), 0, [publicKey]);
}, 120_000);

/** Every test is another reader, who has met no log yet. */
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(root, "reader-"));
  entry ??= await fillLog();
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

/** One statement of every kind. */
async function fillLog(): Promise<string> {
  const [ada, ben] = [await aPerson(server.url), await aPerson(server.url)];
  const id = idIn(await ran(ada, [...RUN, "--out", "a", "--challenge", "--submit"]));
  challenge = (ada.json("a/challenge.json") as { challenge: { id: string } }).challenge.id;
  await ran(ben, ["repro", id, "--out", "again"]);
  await ran(ada, ["retract", id, "--reason", "trained on the wrong data"]);
  const env = { RADEMARK_CONFIG: join(root, "operator"), RADEMARK_API: server.url };
  const args = ["admin", "note", id, "--reason", "looked into"];
  const admin = await rademark(args, { env, now: Date.now });
  expect(admin.code, admin.stderr).toBe(0);
  const page: unknown = await (await fetch(`${server.url}/v1/log/entries`)).json();
  const { leaves } = LogPage.parse(page);
  digests = Object.fromEntries(
    leaves.toReversed().map(({ kind, digest }) => [kind, digest]),
  ) as Record<Kind, string>;
  return id;
}

async function verify(target: string, changes: Record<string, string> = {}) {
  const env = { RADEMARK_CONFIG: folder, RADEMARK_API: server.url, ...changes };
  const { code, stdout, stderr } = await rademark(["verify", target, "--json"], {
    cwd: folder,
    env,
  });
  const document = (stdout ? JSON.parse(stdout) : { checks: [] }) as {
    kind: string;
    id: string;
    says: string;
    checks: Finding[];
  };
  const states = Object.fromEntries(document.checks.map(({ name, state }) => [name, state]));
  return { ...document, code, states, stderr };
}

const LOG = { "log key": "passed", inclusion: "passed", consistency: "passed" };
const SIGNED = { signature: "passed", schema: "passed" };

test.each<[Kind, Record<string, string>, string]>([
  ["reproduction", { counts: "passed", challenge: "passed" }, "measures entry ENTRY again"],
  ["retraction", { right: "passed" }, "takes back ENTRY: trained on the wrong data"],
  ["moderation", { right: "skipped" }, "decides on ENTRY"],
  ["key", {}, "registers key"],
  ["challenge", { challenge: "passed" }, "to reproduce entry ENTRY"],
  ["outcome", { challenge: "passed" }, "was completed at"],
])("a %s is checked by the digest that the log shows", async (kind, states, says) => {
  const found = await verify(digests[kind]);
  expect([found.code, found.kind]).toEqual([EXIT.ok, kind]);
  expect(found.states).toEqual({ ...SIGNED, ...states, ...LOG });
  expect(found.says).toContain(says.replace("ENTRY", entry));
});

test("a reproduction's verdict is recomputed from the entry that it is about", async () => {
  const { checks } = await verify(digests.reproduction);
  const { text } = checks.find(({ name }) => name === "counts")!;
  expect(text).toMatch(/every aggregate is recomputed\.$/);
});

test("a challenge is checked by its own id and by its address", async () => {
  for (const target of [challenge, `${server.url}/v1/challenges/${challenge}`]) {
    const { code, kind, id } = await verify(target, { RADEMARK_API: server.url });
    expect([code, kind, id]).toEqual([EXIT.ok, "challenge", challenge]);
  }
});

async function exported(kind: Kind): Promise<StatementFile> {
  const env = { RADEMARK_CONFIG: folder, RADEMARK_API: server.url };
  const args = ["export", digests[kind], "--out", "statement.json"];
  const { code, stderr } = await rademark(args, { cwd: folder, env });
  expect(code, stderr).toBe(0);
  return JSON.parse(readFileSync(join(folder, "statement.json"), "utf8")) as StatementFile;
}

const save = (value: unknown) =>
  writeFileSync(join(folder, "statement.json"), JSON.stringify(value));
const OFFLINE = { RADEMARK_API: "http://127.0.0.1:1" };

test.each<Kind>(["reproduction", "retraction", "moderation", "key", "challenge", "outcome"])(
  "an exported %s is checked without a network",
  async (kind) => {
    await exported(kind);
    const found = await verify("statement.json", OFFLINE);
    expect([found.code, found.kind, found.states.inclusion]).toEqual([EXIT.ok, kind, "passed"]);
  },
);

const TAMPERED: [what: string, kind: Kind, check: string, (file: StatementFile) => object][] = [
  ["its reason", "retraction", "signature", (file) => withReason(file, "wrong", "right")],
  ["its place", "moderation", "inclusion", (file) => withProof(file, { index: 0 })],
  ["its kind", "key", "inclusion", (file) => withEntry(file, { kind: "moderation" })],
  ["its nonce", "challenge", "challenge", (file) => withNonce(file, "00".repeat(32))],
  ["its nonce", "outcome", "challenge", (file) => withNonce(file, "00".repeat(32))],
  ["its outcome", "outcome", "inclusion", (file) => withOutcome(file, "failed")],
  ["no challenge", "challenge", "challenge", (file) => ({ ...file, challenge: null })],
  ["a member too many", "key", "schema", (file) => ({ ...file, verified: true })],
];

function withReason(file: StatementFile, was: string, becomes: string): object {
  const text = Buffer.from(file.envelope.payload, "base64").toString();
  expect(text).toContain(was);
  const payload = Buffer.from(text.replace(was, becomes)).toString("base64");
  return { ...file, envelope: { ...file.envelope, payload } };
}
const withProof = (file: StatementFile, changes: object) => ({
  ...file,
  proof: { ...file.proof, ...changes },
});
const withEntry = (file: StatementFile, changes: object) =>
  withProof(file, { entry: { ...file.proof.entry, ...changes } });
const withNonce = (file: StatementFile, nonce: string) => ({
  ...file,
  challenge: { ...file.challenge, challenge: { ...file.challenge!.challenge, nonce } },
});
const withOutcome = (file: StatementFile, outcome: string) => ({
  ...file,
  challenge: { ...file.challenge, outcome: { ...file.challenge!.outcome, outcome } },
});

test.each(TAMPERED)("a file with %s changed (%s) fails at %s", async (_, kind, check, change) => {
  save(change(await exported(kind)));
  const { code, states } = await verify("statement.json", OFFLINE);
  expect([code, states[check]]).toEqual([EXIT.verification, "failed"]);
});

test("a result cannot go unchecked in the other kind of file", async () => {
  const file: unknown = await exported("result");
  const { rademark: _, challengeProof: __, ...rest } = file as EntryFile;
  save({ rademark: "statement", ...rest });
  const { code, states } = await verify("statement.json", OFFLINE);
  expect([code, states.schema]).toEqual([EXIT.verification, "failed"]);
});

test("a signed statement that is in no log does not pass for one that is", async () => {
  const file = await exported("retraction");
  const retraction = { key: alice.key, statement: entry, reason: "by a stranger" };
  save({ ...file, envelope: await sealEnvelope("retraction", retraction, [alice.seed]) });
  const { code, states } = await verify("statement.json", OFFLINE);
  expect([code, states.inclusion]).toEqual([EXIT.verification, "failed"]);
});

test("a log whose key has changed is as loud an error for a retraction", async () => {
  await verify(digests.retraction);
  const logs = join(folder, "logs.json");
  const text = readFileSync(logs, "utf8");
  writeFileSync(logs, text.replace(/"verifierKey": "[^"]*"/, '"verifierKey": "test.log+0+0"'));
  const { code, states, stderr } = await verify(digests.retraction);
  expect([code, states["log key"]]).toEqual([EXIT.runFailed, "failed"]);
  expect(stderr).toContain("HAS CHANGED");
});

test("what is proved stays proved where it cannot be remembered, and that is told", async () => {
  const { code, checks } = await verify(digests.retraction, { RADEMARK_CONFIG: "/proc/none/x" });
  expect(code).toBe(EXIT.ok);
  const { text } = checks.find(({ name }) => name === "consistency")!;
  expect(text).toMatch(/met for the first time, but this cannot be remembered: \/proc\/none/);
});

test("a person reads what a statement says above its checks", async () => {
  const env = { RADEMARK_CONFIG: folder, RADEMARK_API: server.url };
  const { stdout } = await rademark(["verify", digests.retraction], { env });
  expect(stdout).toMatch(
    new RegExp(`^retraction ${digests.retraction}\nIt takes back ${entry}: trained on`),
  );
  expect(stdout).toMatch(/^ok +inclusion +Leaf \d+ of the \d+/m);
});

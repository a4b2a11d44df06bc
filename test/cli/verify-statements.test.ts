import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, beforeEach, expect, test } from "vitest";
import { EXIT } from "../../harness/errors.ts";
import { rademark, type Person, aPerson } from "../world/command-line.ts";
import { logReader, OFFLINE } from "../world/server.ts";
import { type StatementFile, LogPage } from "../../record/answers/documents.ts";
import type { EntryFile } from "../../record/answers/entry-file.ts";
import { sealEnvelope } from "../../record/statement/envelope.ts";
import { alice } from "../world/statements.ts";
import { createKey } from "../../harness/listing/key-store.ts";
import type { LogEntry } from "../../record/log/log-proof.ts";
import { run, sharedServer } from "../world/server.ts";

type Kind = LogEntry["kind"];

interface FilledLog {
  entry: string;
  challenge: string;
  /** Newest leaf of each kind, by its digest. */
  digests: Record<Kind, string>;
}

const idIn = (text: string) => /([0-9a-f]{64})/.exec(text)![1]!;

async function ran(person: Pick<Person, "run">, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await person.run(args);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** A server with an operator, whose key is kept in its folder. */
const operatedServer = () =>
  sharedServer(async (root) => {
    const env = { RADEMARK_CONFIG: join(root, "operator") };
    const plannedRun = { name: "operator", displayName: null, passphrase: null };
    const { publicKey } = await createKey(plannedRun, { env });
    return [publicKey];
  });

/** One statement of every kind. @param server that has an operator. */
async function fillLog(server: { root: string; url: string }): Promise<FilledLog> {
  const [ada, ben] = [await aPerson(server.url), await aPerson(server.url)];
  const entry = idIn(await ran(ada, run("--challenge", "--submit")));
  const { challenge } = ada.json("a/challenge.json") as { challenge: { id: string } };
  await ran(ben, ["repro", entry, "--out", "again"]);
  await ran(ada, ["retract", entry, "--reason", "trained on the wrong data"]);
  const env = { RADEMARK_CONFIG: join(server.root, "operator"), RADEMARK_API: server.url };
  const args = ["admin", "note", entry, "--reason", "looked into"];
  const admin = await rademark(args, { env, now: Date.now });
  expect(admin.code, admin.stderr).toBe(0);
  const page: unknown = await (await fetch(`${server.url}/v1/log/entries`)).json();
  const { leaves } = LogPage.parse(page);
  const digests = Object.fromEntries(
    leaves.toReversed().map(({ kind, digest }) => [kind, digest]),
  ) as Record<Kind, string>;
  return { entry, challenge: challenge.id, digests };
}

describe("a statement in the log", () => {
  const server = operatedServer();
  const { env, verify, logsFile } = logReader(server);
  let log: FilledLog;
  beforeEach(async () => void (log ??= await fillLog(server)));

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
    const found = await verify(log.digests[kind]);
    expect([found.code, found.kind]).toEqual([EXIT.ok, kind]);
    expect(found.states).toEqual({ ...SIGNED, ...states, ...LOG });
    expect(found.says).toContain(says.replace("ENTRY", log.entry));
  });

  test("a reproduction's verdict is recomputed from the entry that it is about", async () => {
    const { checks } = await verify(log.digests.reproduction);
    const { text } = checks.find(({ name }) => name === "counts")!;
    expect(text).toMatch(/every aggregate is recomputed\.$/);
  });

  test("a challenge is checked by its own id and by its address", async () => {
    for (const target of [log.challenge, `${server.url}/v1/challenges/${log.challenge}`]) {
      const { code, kind, id } = await verify(target, { RADEMARK_API: server.url });
      expect([code, kind, id]).toEqual([EXIT.ok, "challenge", log.challenge]);
    }
  });
  test("a log whose key has changed is as loud an error for a retraction", async () => {
    await verify(log.digests.retraction);
    const logs = logsFile();
    const text = readFileSync(logs, "utf8");
    writeFileSync(logs, text.replace(/"verifierKey": "[^"]*"/, '"verifierKey": "test.log+0+0"'));
    const { code, states, stderr } = await verify(log.digests.retraction);
    expect([code, states["log key"]]).toEqual([EXIT.runFailed, "failed"]);
    expect(stderr).toContain("HAS CHANGED");
  });

  test("what is proved stays proved where it cannot be remembered, and that is told", async () => {
    const { code, checks } = await verify(log.digests.retraction, {
      RADEMARK_CONFIG: "/proc/none/x",
    });
    expect(code).toBe(EXIT.ok);
    const { text } = checks.find(({ name }) => name === "consistency")!;
    expect(text).toMatch(/met for the first time, but this cannot be remembered: \/proc\/none/);
  });

  test("a person reads what a statement says above its checks", async () => {
    const { stdout } = await rademark(["verify", log.digests.retraction], { env: env() });
    expect(stdout).toMatch(
      new RegExp(`^retraction ${log.digests.retraction}\nIt takes back ${log.entry}: trained on`),
    );
    expect(stdout).toMatch(/^ok +inclusion +Leaf \d+ of the \d+/m);
  });
});

describe("the file of a statement", () => {
  const server = operatedServer();
  const reader = logReader(server);
  const { verify } = reader;
  let log: FilledLog;
  beforeEach(async () => void (log ??= await fillLog(server)));

  const exported = (kind: Kind) =>
    reader.exported<StatementFile>(log.digests[kind], "statement.json");
  const save = (value: unknown) =>
    writeFileSync(reader.inFolder("statement.json"), JSON.stringify(value));

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
    const retraction = { key: alice.key, statement: log.entry, reason: "by a stranger" };
    save({ ...file, envelope: await sealEnvelope("retraction", retraction, [alice.seed]) });
    const { code, states } = await verify("statement.json", OFFLINE);
    expect([code, states.inclusion]).toEqual([EXIT.verification, "failed"]);
  });
});

import { writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { EXIT } from "../../harness/errors.ts";
import type { StatementFile } from "../../record/answers/documents.ts";
import type { EntryFile } from "../../record/answers/entry-file.ts";
import { sealEnvelope } from "../../record/statement/envelope.ts";
import { alice } from "../world/statements.ts";
import { OFFLINE, logReader } from "./log-reader.ts";
import { type FilledLog, type Kind, fillLog, operatedServer } from "./statement-log.ts";

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

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boardChanges, keyNames } from "../../../db/schema.ts";
import type { KeyAnswer } from "../../../record/answers/documents.ts";
import { publicKeyOf } from "../../../record/signature/ed25519.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import type { KeyStatement } from "../../../record/statement/statements.ts";
import { aCommitment, alice, bob, hex } from "../../world/statements.ts";
import { type Laboratory, openLaboratory, refused } from "../../world/laboratory.ts";
import { entry } from "../../world/visitor.ts";

let laboratory: Laboratory;
beforeAll(async () => {
  laboratory = await openLaboratory();
});
afterAll(() => laboratory.close());

async function holder(byte: number): Promise<typeof alice> {
  const seed = new Uint8Array(32).fill(byte);
  return { seed, key: bytesToHex(await publicKeyOf(seed)) };
}

const now = () => laboratory.deployment.now().toISOString();
const later = (seconds: number) =>
  new Date(laboratory.deployment.now().getTime() + seconds * 1000).toISOString();

async function send(
  statement: KeyStatement,
  signers: (typeof alice)[],
  name: string | null = null,
) {
  const seeds = signers.map(({ seed }) => seed);
  return laboratory.send("/v1/keys", {
    envelope: await sealEnvelope("key", statement, seeds),
    name,
  });
}
async function accepted(...request: Parameters<typeof send>): Promise<KeyAnswer> {
  const answer = await send(...request);
  expect(answer.ok).toBe(true);
  return (await answer.json()) as KeyAnswer;
}

const register = (key: string): KeyStatement => ({ action: "register", key, at: now() });

function nameStatement(name: string | null, at = now()): KeyStatement {
  const digest = name === null ? null : bytesToHex(sha256(utf8ToBytes(name)));
  return { action: "name", key: alice.key, name: digest, at };
}

test("a key that is not registered can do nothing but register", async () => {
  const { submit } = laboratory;
  const statement = aCommitment();
  const problem = await refused(laboratory, () =>
    submit("/v1/challenges", "commitment", statement),
  );
  expect(problem.name).toBe("unknown-key");
  expect(problem.errors[0]!.pointer).toBe("/key");
});

test("a key is registered once; the same statement gives the same receipt", async () => {
  const statement = register(alice.key);
  const first = await send(statement, [alice]);
  const again = await send(statement, [alice]);
  expect([first.status, again.status]).toEqual([201, 200]);
  const answer = (await first.json()) as KeyAnswer;
  expect(await again.json()).toEqual(answer);
  expect(answer.key).toMatchObject({ key: alice.key, name: null, revokedFrom: null, next: null });
  expect(answer.receipt!.index).toBe(0);
  laboratory.wait(1);
  const other = await refused(laboratory, () => send(register(alice.key), [alice]));
  expect(other.name).toBe("key-conflict");
});

test("a statement from the future is refused", async () => {
  const statement = { ...register(bob.key), at: later(601) };
  const problem = await refused(laboratory, () => send(statement, [bob]));
  expect(problem.name).toBe("malformed-statement");
  expect(problem.errors[0]!.pointer).toBe("/at");
});

test("a statement of the year 0 is refused, as no database could keep its time", async () => {
  const statement = nameStatement(null, "0000-01-01T00:00:00Z");
  const problem = await refused(laboratory, () => send(statement, [alice]));
  expect([problem.name, problem.errors[0]!.pointer]).toEqual(["malformed-statement", "/at"]);
});

test("what is no request about a key is refused", async () => {
  const problem = await refused(laboratory, () => laboratory.send("/v1/keys", { envelope: {} }));
  expect(problem.name).toBe("malformed-request");
  const inside = await refused(laboratory, () =>
    laboratory.send("/v1/keys", { envelope: { payload: 1 }, name: null }),
  );
  expect(inside.name).toBe("malformed-envelope");
  expect(inside.errors.map(({ pointer }) => pointer)).toContain("/envelope/payload");
});

test("a name stands beside the key, never in the log, and only a later one replaces it", async () => {
  const { db, logSize } = laboratory;
  const size = await logSize();
  const first = nameStatement("Ada");
  expect((await accepted(first, [alice], "Ada")).key.name).toBe("Ada");
  expect((await accepted(first, [alice], "Ada")).receipt).toBeNull();
  const other = await refused(laboratory, () => send(nameStatement("Eve"), [alice], "Eve"));
  expect(other.name).toBe("key-conflict"); // of the same time
  laboratory.wait(1);
  expect((await accepted(nameStatement(null), [alice])).key.name).toBeNull();
  const replayed = await refused(laboratory, () => send(first, [alice], "Ada"));
  expect(replayed.name).toBe("key-conflict");
  expect((await db.select().from(keyNames))[0]!.name).toBeNull();
  expect(await logSize()).toBe(size);
});

test.each<[string, KeyStatement, string | null]>([
  ["another text than was signed", nameStatement.call(null, "Ada", "2026-03-02T00:00:00Z"), "Eve"],
  ["no text", nameStatement.call(null, "Ada", "2026-03-02T00:00:00Z"), null],
  ["markup", nameStatement.call(null, "<b>", "2026-03-02T00:00:00Z"), "<b>"],
  ["two scripts", nameStatement.call(null, "Аlice", "2026-03-02T00:00:00Z"), "Аlice"],
])("a name with %s is refused", async (_, statement, name) => {
  laboratory.wait(86_400);
  const problem = await refused(laboratory, () => send(statement, [alice], name));
  expect(problem.name).toBe("bad-name");
  expect(problem.errors[0]!.pointer).toBe("/name");
});

test("only a statement about a name comes with a name", async () => {
  const problem = await refused(laboratory, () => send(register(bob.key), [bob], "Bob"));
  expect(problem.name).toBe("bad-name");
});

test("a new name refreshes the rows that show it", async () => {
  await entry(laboratory);
  await laboratory.db.delete(boardChanges);
  const before = laboratory.changes();
  laboratory.wait(1);
  await accepted(nameStatement("Ada"), [alice], "Ada");
  expect(await laboratory.db.select().from(boardChanges)).toMatchObject([{ arch: "mlp-512" }]);
  expect(laboratory.changes()).toBe(before + 1);
});

test("an old key names its successor, with both signatures, and is done with", async () => {
  const next = await holder(20);
  const statement: KeyStatement = { action: "rotate", key: alice.key, next: next.key, at: now() };
  const alone = await refused(laboratory, () => send(statement, [alice]));
  expect(alone.name).toBe("bad-signature");
  const { key, receipt } = await accepted(statement, [alice, next]);
  expect(key).toMatchObject({ key: alice.key, next: next.key, revokedFrom: now() });
  expect((await accepted(statement, [next, alice])).receipt).toEqual(receipt);
  const problem = await refused(laboratory, () =>
    laboratory.submit("/v1/challenges", "commitment", aCommitment()),
  );
  expect(problem.name).toBe("revoked-key");
  expect(problem.detail).toContain(next.key);
  const commitment = aCommitment({ key: next.key });
  const answer = await laboratory.submit("/v1/challenges", "commitment", commitment, next);
  expect(answer.status).toBe(201);
});

test("no key takes over one that is registered", async () => {
  const [old, other] = [await holder(21), await holder(20)];
  await laboratory.register(old);
  const statement: KeyStatement = { action: "rotate", key: old.key, next: other.key, at: now() };
  const problem = await refused(laboratory, () => send(statement, [old, other]));
  expect(problem.name).toBe("key-conflict");
  expect(problem.errors[0]!.pointer).toBe("/next");
});

test("a key is revoked from a date on, which can be brought forward until it has come", async () => {
  const { submit } = laboratory;
  await laboratory.register(bob);
  const revoke = (from: string): KeyStatement => {
    return { action: "revoke", key: bob.key, from, reason: "lost", at: now() };
  };
  const early = await refused(laboratory, () => send(revoke(later(-60)), [bob]));
  expect(early.name).toBe("key-conflict"); // before it was registered
  await accepted(revoke(later(3600)), [bob]);
  const commit = (n: number) =>
    submit("/v1/challenges", "commitment", aCommitment({ key: bob.key, unique: hex(n) }), bob);
  expect((await commit(1)).status).toBe(201);
  const postponed = await refused(laboratory, () => send(revoke(later(7200)), [bob]));
  expect(postponed.name).toBe("key-conflict");
  const { key } = await accepted(revoke(later(1800)), [bob]);
  expect(key.revokedFrom).toBe(later(1800));
  laboratory.wait(1800);
  expect((await refused(laboratory, () => commit(2))).name).toBe("revoked-key");
  expect((await refused(laboratory, () => send(revoke(now()), [bob]))).name).toBe("revoked-key");
});

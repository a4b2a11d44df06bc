import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { describe, afterAll, beforeAll, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import { boardChanges, keyNames, entries } from "../../../db/schema.ts";
import { type KeyAnswer, EntryDocument, KeyDocument } from "../../../record/answers/documents.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import type { KeyStatement } from "../../../record/statement/statements.ts";
import { aCommitment, alice, bob, hex, aResult, keyHolder } from "../../world/statements.ts";
import {
  type Laboratory,
  openLaboratory,
  refused,
  standingOf,
  openPeopledLaboratory,
} from "../../world/laboratory.ts";
import { entry, challenge } from "../../world/visitor.ts";
import type { BoardRow } from "../../../record/board/board-row.ts";
import type { Standing } from "../../../record/board/standing.ts";
import { syntheticResult } from "../../../bench/load/synthetic.ts";
import type { Receipt } from "../../../record/log/log-proof.ts";

const successor = await keyHolder(30);

describe("a key", () => {
  let laboratory: Laboratory;
  beforeAll(async () => {
    laboratory = await openLaboratory();
  });
  afterAll(() => laboratory.close());

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
    [
      "another text than was signed",
      nameStatement.call(null, "Ada", "2026-03-02T00:00:00Z"),
      "Eve",
    ],
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
    const next = await keyHolder(20);
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
    const [old, other] = [await keyHolder(21), await keyHolder(20)];
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
});

describe("a successor", () => {
  let laboratory: Laboratory;
  let id: string;
  beforeAll(async () => {
    laboratory = await openPeopledLaboratory();
    id = (await entry(laboratory)).receipt.id;
    await replace(alice, 30);
  });
  afterAll(() => laboratory.close());

  async function replace(holder: typeof alice, byte: number): Promise<typeof alice> {
    const { seed, key: next } = await keyHolder(byte);
    const at = laboratory.deployment.now().toISOString();
    const rotation = { action: "rotate", key: holder.key, next, at } as const;
    const envelope = await sealEnvelope("key", rotation, [holder.seed, seed]);
    expect((await laboratory.send("/v1/keys", { envelope, name: null })).status).toBe(201);
    return { seed, key: next };
  }

  test("what a key signed before it was replaced stands", async () => {
    expect((await standingOf(laboratory.db, id)).state).toBe("challenged");
  });

  test("a key's successor is no other key: its reproduction counts for nothing", async () => {
    const issued = await challenge(laboratory, { reproduces: id }, successor);
    const { supersedes: _, ...measured } = aResult(issued);
    const statement = { ...measured, entry: id, verdict: "agree" } as const;
    const path = "/v1/reproductions";
    const answer = await laboratory.submit(path, "reproduction", statement, successor);
    expect(answer.status).toBe(201);
    expect(await standingOf(laboratory.db, id)).toMatchObject({
      state: "challenged",
      selfReproduced: true,
    });
  });

  test("a key's successor replaces and takes back what the old key signed; others do not", async () => {
    const issued = await challenge(laboratory, {}, successor);
    const result = { ...aResult(issued), supersedes: id };
    expect((await laboratory.submit("/v1/results", "result", result, successor)).status).toBe(201);
    expect((await standingOf(laboratory.db, id)).state).toBe("superseded");
    const retract = (holder: typeof alice) => {
      const retraction = { key: holder.key, statement: id, reason: "a wrong flag" };
      return laboratory.submit("/v1/retractions", "retraction", retraction, holder);
    };
    expect((await refused(laboratory, () => retract(bob))).name).toBe("not-the-signer");
    expect((await refused(laboratory, () => retract(alice))).name).toBe("revoked-key");
    expect((await retract(successor)).status).toBe(201);
    expect((await standingOf(laboratory.db, id)).state).toBe("retracted");
  });

  test("challenges of a key and of those that replaced it are counted together, on the rows of each", async () => {
    const arch = "cnn-16";
    const submitted = async (holder: typeof alice) => {
      const issued = await challenge(laboratory, { arch }, holder);
      const result = aResult(issued);
      const answer = await laboratory.submit("/v1/results", "result", result, holder);
      expect(answer.status).toBe(201);
      return ((await answer.json()) as { id: string }).id;
    };
    const carol = await keyHolder(40);
    await laboratory.register(carol);
    const first = await submitted(carol);
    await challenge(laboratory, { arch }, bob);
    await challenge(laboratory, { arch }, carol); // never heard of again
    const last = await replace(await replace(carol, 41), 42);
    await challenge(laboratory, { arch }, last);
    const second = await submitted(last);
    const [stored] = await laboratory.db.select().from(entries).where(eq(entries.id, second));
    expect((JSON.parse(stored!.standing) as Standing).challenges.byKey).toEqual({
      issued: 4,
      completed: 1, // that of its own challenge is logged right behind it
    });
    for (const id of [first, second])
      expect((await standingOf(laboratory.db, id)).challenges).toEqual({
        byKey: { issued: 4, completed: 2 },
        byAnybody: { issued: 5, completed: 2 },
      });
  });

  test("a key's successor is noted beside a near duplicate that the old key listed", async () => {
    const listed = async (holder: typeof alice, regs: string, number: number) => {
      const issued = await challenge(laboratory, { arch: "mlp-64", regs }, holder);
      const result = syntheticResult(number, issued);
      const answer = await laboratory.submit("/v1/results", "result", result, holder);
      expect(answer.status).toBe(201);
      return ((await answer.json()) as { id: string }).id;
    };
    const dave = await keyHolder(50);
    await laboratory.register(dave);
    const first = await listed(dave, "wd=0.005", 7001);
    await listed(bob, "wd=0.005", 7002);
    const second = await listed(await replace(dave, 51), "wd=0.0050001", 7003);
    const [stored] = await laboratory.db.select().from(entries).where(eq(entries.id, second));
    expect((JSON.parse(stored!.fixed) as BoardRow).notes).toContainEqual({
      kind: "near-duplicate",
      text: "Next to nothing differs from mlp-64 wd=0.005, an entry of the same holder.",
      entry: first,
    });
  });

  test("two keys of one holder are one reproducer, whose latest word counts", async () => {
    const reproduce = async (holder: typeof alice) => {
      const issued = await challenge(laboratory, { reproduces: id }, holder);
      const { supersedes: _, ...measured } = aResult(issued);
      const statement = { ...measured, entry: id, verdict: "agree" } as const;
      const answer = await laboratory.submit(
        "/v1/reproductions",
        "reproduction",
        statement,
        holder,
      );
      expect(answer.status).toBe(201);
    };
    await reproduce(bob);
    const bobs = await replace(bob, 31);
    await reproduce(bobs);
    const bobsLast = await replace(bobs, 32);
    await reproduce(bobsLast);
    expect((await standingOf(laboratory.db, id)).reproductions).toEqual({
      agree: 1,
      disagree: 0,
      inconclusive: 0,
    });
  });

  test("an entry's page calls a successor's reproduction the submitter's own", async () => {
    const answer = await laboratory.app.request(`/v1/entries/${id}`);
    const { reproductions, events } = EntryDocument.parse(await answer.json());
    expect(reproductions.map(({ own }) => own)).toEqual([true, false, false, false]);
    expect(events.map(({ text }) => text).join()).toContain("by the submitter's own key");
    const key = await laboratory.app.request(`/v1/keys/${successor.key}`);
    expect(KeyDocument.parse(await key.json()).reproductions).toBe(0);
  });
});

/** Who holds the old key replaced it by the new one, which is stolen. */
const [old, stolen] = [await keyHolder(60), await keyHolder(61)];

describe("a stolen key", () => {
  let laboratory: Laboratory;
  let alices: string;
  /** Of the holder, before the theft: one by each key. */
  let first: string, second: string, reproduction: string;
  /** Of the thief. */
  let replacement: string;

  const standing = (id: string) => standingOf(laboratory.db, id);
  const document = async (id: string) =>
    EntryDocument.parse(await (await laboratory.app.request(`/v1/entries/${id}`)).json());

  async function accepted(answer: Response): Promise<string> {
    expect(answer.status).toBe(201);
    return ((await answer.json()) as Receipt).id;
  }

  let results = 1000;

  /** With numbers that no other result has. */
  async function submit(
    holder: typeof alice,
    arch: string,
    supersedes: string | null = null,
  ): Promise<string> {
    results += 1;
    const measured = syntheticResult(results, await challenge(laboratory, { arch }, holder));
    const statement = { ...measured, supersedes };
    return accepted(await laboratory.submit("/v1/results", "result", statement, holder));
  }
  const retract = (statement: string, reason = "mine") =>
    laboratory.submit(
      "/v1/retractions",
      "retraction",
      { key: stolen.key, statement, reason },
      stolen,
    );

  async function reproductionOf(id: string) {
    const issued = await challenge(laboratory, { reproduces: id }, stolen);
    const { supersedes: _, ...measured } = aResult(issued);
    return { ...measured, entry: id, verdict: "agree" } as const;
  }

  beforeAll(async () => {
    laboratory = await openPeopledLaboratory({ address: null });
    await laboratory.register(old);
    first = await submit(old, "cnn-16");
    const at = laboratory.deployment.now().toISOString();
    const rotation = { action: "rotate", key: old.key, next: stolen.key, at } as const;
    const envelope = await sealEnvelope("key", rotation, [old.seed, stolen.seed]);
    expect((await laboratory.send("/v1/keys", { envelope, name: null })).status).toBe(201);
    second = await submit(stolen, "mlp-256");
    alices = (await entry(laboratory)).receipt.id;
    const statement = await reproductionOf(alices);
    reproduction = await accepted(
      await laboratory.submit("/v1/reproductions", "reproduction", statement, stolen),
    );
  });
  afterAll(() => laboratory.close());

  let from: string;

  test("whoever holds a key takes back and replaces what it signed, and what its predecessor did", async () => {
    laboratory.wait(60);
    from = laboratory.deployment.now().toISOString();
    laboratory.wait(60);
    for (const statement of [first, reproduction]) await accepted(await retract(statement));
    replacement = await submit(stolen, "mlp-256", second);
    expect((await standing(first)).state).toBe("retracted");
    expect((await standing(second)).state).toBe("superseded");
    expect((await standing(alices)).state).toBe("challenged");
  });

  test("once the key is revoked from before, none of that counts any more", async () => {
    await laboratory.db.delete(boardChanges);
    const at = laboratory.deployment.now().toISOString();
    const revocation = { action: "revoke", key: stolen.key, from, reason: "stolen", at } as const;
    const envelope = await sealEnvelope("key", revocation, [stolen.seed]);
    expect((await laboratory.send("/v1/keys", { envelope, name: null })).status).toBe(201);
    expect(await standing(first)).toMatchObject({ state: "challenged", reason: null });
    expect(await standing(second)).toMatchObject({ state: "challenged", supersededBy: null });
    expect(await standing(alices)).toMatchObject({ state: "reproduced" });
    expect((await standing(replacement)).state).toBe("retracted");
    const changed = (await laboratory.db.select().from(boardChanges)).map(({ arch }) => arch);
    expect(changed.sort()).toEqual(["cnn-16", "mlp-256", "mlp-512"]);
  });

  test("what a thief took back is told of as void", async () => {
    const { events } = await document(first);
    expect(events.at(-1)).toMatchObject({
      kind: "retracted",
      text: "Retracted by a revoked key, which counts for nothing: mine",
    });
    const { reproductions, ...told } = await document(alices);
    expect(reproductions).toMatchObject([{ id: reproduction, retracted: false, quarantine: null }]);
    expect(told.events.at(-1)!.text).toBe(
      "A reproduction was retracted by a revoked key, which counts for nothing: mine",
    );
  });

  test("a revoked key signs nothing any more, whatever it is", async () => {
    const { send } = laboratory;
    const commitment = aCommitment({ key: stolen.key, unique: hex(10 ** 7) });
    const measured = { ...aResult(null), key: stolen.key };
    const { supersedes: _, ...reproduced } = measured;
    const statement = { ...reproduced, entry: alices, verdict: "agree" } as const;
    const at = laboratory.deployment.now().toISOString();
    const revocation = { action: "revoke", key: stolen.key, from: at, reason: "no", at } as const;
    const [seed] = [stolen.seed];
    const refusals = [
      send("/v1/challenges", await sealEnvelope("commitment", commitment, [seed])),
      send("/v1/results", await sealEnvelope("result", measured, [seed])),
      send("/v1/reproductions", await sealEnvelope("reproduction", statement, [seed])),
      retract(second),
      send("/v1/keys", { envelope: await sealEnvelope("key", revocation, [seed]), name: null }),
    ];
    for (const asked of refusals) {
      const problem = await refused(laboratory, () => asked);
      expect([problem.name, problem.errors[0]!.pointer]).toEqual(["revoked-key", "/key"]);
    }
  });
});

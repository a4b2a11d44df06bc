import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { describe, afterAll, beforeAll, expect, test } from "vitest";
import {
  standingOf,
  toldOf,
  type Laboratory,
  openPeopledLaboratory,
  refused,
  openReadingRoom,
} from "../../world/laboratory.ts";
import { boardChanges, keyNames } from "../../../db/schema.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import type { Moderation } from "../../../record/statement/statements.ts";
import { alice, bob, hex, aCommitment, aResult } from "../../world/statements.ts";
import { entry, listed, moderate, challenge } from "../../world/visitor.ts";
import { ProtocolList } from "../../../record/answers/documents.ts";
import { protocolId } from "../../../record/protocols.ts";
import { micro } from "../../world/runs.ts";

describe("a retraction", () => {
  let laboratory: Laboratory;
  beforeAll(async () => {
    laboratory = await openPeopledLaboratory({ operators: new Set([bob.key]) });
  });
  afterAll(() => laboratory.close());

  const retract = (statement: string, holder = alice, reason = "a wrong flag") =>
    laboratory.submit(
      "/v1/retractions",
      "retraction",
      { key: holder.key, statement, reason },
      holder,
    );

  test("who signed a result takes it back, once", async () => {
    const { receipt } = await entry(laboratory);
    const others = await refused(laboratory, () => retract(receipt.id, bob));
    expect([others.name, others.status]).toEqual(["not-the-signer", 403]);
    await laboratory.db.delete(boardChanges);
    const first = await retract(receipt.id);
    const again = await retract(receipt.id);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(await again.json()).toEqual(await first.json());
    expect(await standingOf(laboratory.db, receipt.id)).toMatchObject({
      state: "retracted",
      reason: "a wrong flag",
    });
    expect(await laboratory.db.select().from(boardChanges)).toMatchObject([{ arch: "mlp-512" }]);
    const twice = await refused(laboratory, () => retract(receipt.id, alice, "another reason"));
    expect(twice.name).toBe("already-done");
  });

  test("nothing is taken back that is not here", async () => {
    const problem = await refused(laboratory, () => retract(hex(1)));
    expect(problem.name).toBe("unknown-statement");
    expect(problem.errors[0]!.pointer).toBe("/statement");
  });

  let decisions = 0;
  const moderate = (
    action: Moderation["action"],
    subject: string,
    operator = bob,
  ): Promise<Response> => {
    decisions += 1;
    const reason = `reason ${decisions}`;
    const at = laboratory.deployment.now().toISOString();
    const moderation = { key: operator.key, action, subject, reason, at };
    return laboratory.submit("/v1/moderations", "moderation", moderation, operator);
  };

  test("an operator hides an entry and shows it again, with reasons; nobody else does", async () => {
    const { receipt } = await entry(laboratory);
    const others = await refused(laboratory, () => moderate("quarantine", receipt.id, alice));
    expect([others.name, others.status]).toEqual(["not-an-operator", 403]);
    expect((await moderate("quarantine", receipt.id)).status).toBe(201);
    const { state, reason } = await standingOf(laboratory.db, receipt.id);
    expect([state, reason]).toEqual(["quarantined", `reason ${decisions}`]);
    const twice = await refused(laboratory, () => moderate("quarantine", receipt.id));
    expect(twice.name).toBe("already-done");
    expect((await moderate("unquarantine", receipt.id)).status).toBe(201);
    expect((await standingOf(laboratory.db, receipt.id)).state).toBe("challenged");
    const never = await refused(laboratory, () => moderate("unquarantine", receipt.id));
    expect(never.name).toBe("already-done");
  });

  test("an operator's note stands on the entry", async () => {
    const { receipt } = await entry(laboratory);
    expect((await moderate("note", receipt.id)).status).toBe(201);
    expect((await toldOf(laboratory.db, receipt.id)).operatorNotes).toEqual([
      { kind: "operator", text: `reason ${decisions}`, entry: null },
    ]);
    const problem = await refused(laboratory, () => moderate("note", hex(1)));
    expect(problem.name).toBe("unknown-statement");
  });

  test("an erased name is gone, and the statement that set it cannot bring it back", async () => {
    const at = laboratory.deployment.now().toISOString();
    const name = bytesToHex(sha256(utf8ToBytes("Eve")));
    const statement = { action: "name", key: alice.key, name, at } as const;
    const envelope = await sealEnvelope("key", statement, [alice.seed]);
    const send = () => laboratory.send("/v1/keys", { envelope, name: "Eve" });
    expect((await send()).ok).toBe(true);
    await laboratory.db.delete(boardChanges);
    expect((await moderate("erase-name", alice.key)).status).toBe(201);
    expect(await laboratory.db.select().from(keyNames)).toMatchObject([{ name: null }]);
    expect(await laboratory.db.select().from(boardChanges)).toMatchObject([{ arch: "mlp-512" }]);
    expect((await refused(laboratory, send)).name).toBe("key-conflict");
  });

  test("a name signed with a clock that is ahead is erased, too", async () => {
    const at = new Date(laboratory.deployment.now().getTime() + 9 * 60_000).toISOString();
    const name = bytesToHex(sha256(utf8ToBytes("Eve")));
    const statement = { action: "name", key: alice.key, name, at } as const;
    const envelope = await sealEnvelope("key", statement, [alice.seed]);
    const send = () => laboratory.send("/v1/keys", { envelope, name: "Eve" });
    expect((await send()).status).toBe(201);
    expect((await moderate("erase-name", alice.key)).status).toBe(201);
    expect((await refused(laboratory, send)).name).toBe("key-conflict");
    expect(await laboratory.db.select().from(keyNames)).toMatchObject([{ name: null }]);
  });

  test("a result that its key's revocation overtakes counts as taken back", async () => {
    const at = laboratory.deployment.now().toISOString();
    const { receipt: before } = await entry(laboratory);
    laboratory.wait(60);
    const from = laboratory.deployment.now().toISOString();
    const { receipt: after } = await entry(laboratory);
    const statement = { action: "revoke", key: alice.key, from, reason: "stolen", at } as const;
    const envelope = await sealEnvelope("key", statement, [alice.seed]);
    expect((await laboratory.send("/v1/keys", { envelope, name: null })).status).toBe(201);
    expect((await standingOf(laboratory.db, before.id)).state).toBe("challenged");
    expect(await standingOf(laboratory.db, after.id)).toMatchObject({
      state: "retracted",
      reason: `The key was revoked from ${from} on; this came later.`,
    });
  });
});

describe("a quarantine", () => {
  let room: Laboratory;
  beforeAll(async () => {
    room = await openReadingRoom();
  });
  afterAll(() => room.close());

  const id = protocolId(micro);
  const quarantineOf = async () => {
    const { protocols } = await room.read("/v1/protocols", ProtocolList);
    return protocols.map(({ name, quarantine }) => [name, quarantine]);
  };

  test("a quarantined protocol takes nothing more, and says why, until it is open again", async () => {
    const entry = await listed(room);
    const issued = await challenge(room);
    await moderate(room, "quarantine", id, "its test images leaked");
    const commit = () =>
      room.submit("/v1/challenges", "commitment", aCommitment({ unique: hex(9) }));
    const submit = () => room.submit("/v1/results", "result", aResult(issued));
    for (const ask of [commit, submit]) {
      const problem = await refused(room, ask);
      expect([problem.name, problem.errors[0]!.pointer]).toEqual(["unknown-protocol", "/protocol"]);
      expect(problem.detail).toContain("its test images leaked");
    }
    expect(await quarantineOf()).toContainEqual(["micro-1", "its test images leaked"]);
    expect((await room.get(`/v1/entries/${entry}`)).status).toBe(200); // nothing is deleted
    await moderate(room, "unquarantine", id, "they did not");
    expect((await submit()).status).toBe(201);
    expect((await commit()).status).toBe(201);
  });

  test("other protocols stay open, and none that is not here is quarantined", async () => {
    room.wait(1);
    await moderate(room, "quarantine", id, "they did after all");
    const states = await quarantineOf();
    expect(states.filter(([, reason]) => reason !== null)).toHaveLength(1);
    const at = room.deployment.now().toISOString();
    const moderation = { key: bob.key, action: "quarantine", reason: "odd", at } as const;
    const decide = (subject: string) =>
      room.submit("/v1/moderations", "moderation", { ...moderation, subject }, bob);
    expect((await refused(room, () => decide(hex(1)))).name).toBe("unknown-statement");
    expect((await refused(room, () => decide(id))).name).toBe("already-done");
  });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { ProtocolList } from "../../../record/answers/documents.ts";
import { protocolId } from "../../../record/protocols.ts";
import { aCommitment, aResult, bob, hex } from "../../world/statements.ts";
import { micro } from "../../world/runs.ts";
import { type Laboratory, openReadingRoom, refused } from "../../world/laboratory.ts";
import { listed, moderate, challenge } from "../../world/visitor.ts";

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
  const commit = () => room.submit("/v1/challenges", "commitment", aCommitment({ unique: hex(9) }));
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

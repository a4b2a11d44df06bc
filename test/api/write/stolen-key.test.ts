import { afterAll, beforeAll, expect, test } from "vitest";
import { boardChanges } from "../../../db/schema.ts";
import { EntryDocument } from "../../../record/answers/documents.ts";
import type { Receipt } from "../../../record/log/log-proof.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import {
  standingOf,
  type Laboratory,
  openPeopledLaboratory,
  refused,
} from "../../world/laboratory.ts";
import { syntheticResult } from "../../../bench/load/synthetic.ts";
import { aCommitment, aResult, alice, keyHolder, hex } from "../../world/statements.ts";
import { challenge, entry } from "../../world/visitor.ts";

/** Who holds the old key replaced it by the new one, which is stolen. */
const [old, stolen] = [await keyHolder(60), await keyHolder(61)];
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

import { afterAll, beforeAll, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import {
  standingOf,
  type Laboratory,
  openPeopledLaboratory,
  refused,
} from "../../world/laboratory.ts";
import { reproductions } from "../../../db/schema.ts";
import type { Receipt } from "../../../record/log/log-proof.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import type { Reproduction, Result } from "../../../record/statement/statements.ts";
import { aResult, alice, bob, hex } from "../../world/statements.ts";
import { challenge, entry } from "../../world/visitor.ts";

let laboratory: Laboratory;
let original: { result: Result; receipt: Receipt };
beforeAll(async () => {
  laboratory = await openPeopledLaboratory();
  original = await entry(laboratory);
});
afterAll(() => laboratory.close());

const PATH = "/v1/reproductions";

/** Ready to be accepted. */
async function reproduction(holder = bob): Promise<Reproduction> {
  const reproduces = original.receipt.id;
  const issued = await challenge(laboratory, { reproduces }, holder);
  const { supersedes: _, ...measured } = aResult(issued);
  return { ...measured, entry: reproduces, verdict: "agree" };
}
const submit = (statement: Reproduction, holder = bob) =>
  laboratory.submit(PATH, "reproduction", statement, holder);
const standing = () => standingOf(laboratory.db, original.receipt.id);

test.each<[string, (r: Reproduction) => Reproduction, string, string]>([
  ["of nothing", (r) => ({ ...r, entry: hex(1) }), "unknown-statement", "/entry"],
  [
    "with another verdict than its numbers'",
    (r) => ({ ...r, verdict: "disagree" }),
    "wrong-reproduction",
    "/verdict",
  ],
  [
    "without a challenge",
    (r) => ({ ...r, challenge: null, fresh: [] }),
    "unknown-challenge",
    "/challenge",
  ],
  ["of another configuration", (r) => ({ ...r, regs: "aug" }), "wrong-reproduction", "/regs"],
  [
    "with the entry's fresh runs",
    (r) => ({ ...r, fresh: original.result.fresh }),
    "wrong-seeds",
    "/fresh/0/seed",
  ],
  [
    "on the entry's challenge",
    (r) => ({ ...r, challenge: original.result.challenge }),
    "foreign-challenge",
    "/challenge",
  ],
])("a reproduction %s is refused", async (_, change, name, pointer) => {
  const statement = change(await reproduction());
  const problem = await refused(laboratory, () => submit(statement));
  expect([problem.name, problem.errors[0]!.pointer]).toEqual([name, pointer]);
  laboratory.wait(8 * 86_400);
});

test("a reproduction is no other key's, signed again or with the key exchanged", async () => {
  const statement = await reproduction();
  const signedAgain = await refused(laboratory, () => submit(statement, alice));
  expect(signedAgain.name).toBe("bad-signature");
  const exchanged = await refused(laboratory, () =>
    submit({ ...statement, key: alice.key }, alice),
  );
  expect([exchanged.name, exchanged.errors[0]!.pointer]).toEqual(["foreign-challenge", "/key"]);
  laboratory.wait(8 * 86_400);
});

test("the entry's own key reproduces it for nothing", async () => {
  expect((await submit(await reproduction(alice), alice)).status).toBe(201);
  expect(await standing()).toMatchObject({
    state: "challenged",
    selfReproduced: true,
    reproductions: { agree: 0, disagree: 0, inconclusive: 0 },
  });
});

test("another key's agreement moves the entry up, until it is retracted", async () => {
  const statement = await reproduction();
  const answer = await submit(statement);
  expect(answer.status).toBe(201);
  const { id } = (await answer.json()) as Receipt;
  expect(await standing()).toMatchObject({ state: "reproduced", reproductions: { agree: 1 } });
  const rows = await laboratory.db.select().from(reproductions).where(eq(reproductions.id, id));
  expect(JSON.parse(rows[0]!.numbers)).toMatchObject([
    { quantity: "complexity", agrees: true },
    { quantity: "testAccuracy", agrees: true },
  ]);
  const retraction = { key: bob.key, statement: id, reason: "wrong machine" };
  await laboratory.submit("/v1/retractions", "retraction", retraction, bob);
  expect(await standing()).toMatchObject({ state: "challenged", reproductions: { agree: 0 } });
});

/** Far from the entry's test accuracy. */
async function disagreement(): Promise<Reproduction> {
  const statement = await reproduction();
  const final = { testCorrect: 2000, testLossSum: 30_000 };
  const fresh = statement.fresh.map((run) => ({ ...run, final: { ...run.final!, ...final } }));
  return { ...statement, fresh, verdict: "disagree" };
}

test("another key's disagreement disputes the entry, and its latest word counts", async () => {
  expect((await submit(await disagreement())).status).toBe(201);
  expect(await standing()).toMatchObject({ state: "disputed", reproductions: { disagree: 1 } });
  expect((await submit(await reproduction())).status).toBe(201);
  expect(await standing()).toMatchObject({ state: "reproduced", reproductions: { disagree: 0 } });
  expect((await standing()).challenges.byAnybody.completed).toBe(5);
});

test("a reproduction that its key's revocation overtakes counts no more", async () => {
  laboratory.wait(60);
  const from = laboratory.deployment.now().toISOString();
  expect((await submit(await disagreement())).status).toBe(201);
  expect((await standing()).state).toBe("disputed");
  const statement = { action: "revoke", key: bob.key, from, reason: "stolen", at: from } as const;
  const envelope = await sealEnvelope("key", statement, [bob.seed]);
  expect((await laboratory.send("/v1/keys", { envelope, name: null })).status).toBe(201);
  expect((await standing()).state).toBe("reproduced");
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { OperatorError } from "../../../db/db.ts";
import { restore } from "../../../db/dump/restore.ts";
import * as schema from "../../../db/schema.ts";
import {
  type Reproduction,
  type Result,
  statementId,
} from "../../../record/statement/statements.ts";
import { decodeBase64 } from "../../../record/signature/base64.ts";
import { formerCommitment, formerEnvelope } from "../../world/former-version.ts";
import { openTestDatabase } from "../../world/databases.ts";
import { aCommitment, aReproduction, aResult, bob } from "../../world/statements.ts";
import {
  AT,
  type Leaf,
  dumpOf,
  given,
  issuedTo,
  leaf,
  registration,
} from "../../world/made-dump.ts";

let deployment: Awaited<ReturnType<typeof openTestDatabase>>;
beforeAll(async () => {
  deployment = await openTestDatabase();
});
afterAll(() => deployment.close());

/** Alice's key, her challenge, and a result of hers that was changed. */
async function dumpWith(change: (result: Result) => Result): Promise<string[]> {
  const result = await leaf("result", change(aResult()));
  return dumpOf([await registration(), await issuedTo(), result]);
}

async function formerLeaf(): Promise<Leaf> {
  const envelope = await formerEnvelope();
  const digest = statementId(decodeBase64(envelope.payload)!);
  return { kind: "result", digest, body: JSON.stringify(envelope) };
}

/** The same with Bob's reproduction behind it. */
async function dumpWithReproduction(change: (reproduction: Reproduction) => Reproduction) {
  const { reproduction, challenge } = aReproduction();
  return dumpOf([
    ...[
      await registration(),
      await registration(AT, bob),
      await issuedTo(),
      await leaf("result", aResult()),
    ],
    await issuedTo(challenge.commitment),
    await leaf("reproduction", change(reproduction), bob),
  ]);
}

test("results and reproductions that keep the rules are restored from a dump of one's own making", async () => {
  const copy = await openTestDatabase();
  const lines = await dumpWithReproduction((reproduction) => reproduction);
  expect((await restore(copy.db, given(lines), null)).leaves).toBe(6);
  await copy.close();
});

test.each<[string, () => Promise<string[]>, RegExp]>([
  [
    "a result with more right answers than images",
    () =>
      dumpWith((result) => {
        const [first, ...rest] = result.panel;
        const { heads, trainSamples } = first!;
        const lucky = heads!.map((head) => ({ ...head, final: trainSamples + 1 }));
        return { ...result, panel: [{ ...first!, heads: lucky }, ...rest] };
      }),
    /line 4 of the dump: \/panel\/0\/heads\/0/,
  ],
  [
    "a result of seeds of its own choice",
    () =>
      dumpWith((result) => {
        const fresh = result.fresh.map((run, i) => ({ ...run, seed: 1000 + i }));
        return { ...result, fresh };
      }),
    /line 4 of the dump: \/fresh\/0\/seed: /,
  ],
  [
    "a result of a challenge never issued",
    async () => dumpOf([await registration(), await leaf("result", aResult())]),
    /line 3 of the dump: \/challenge: the id of a challenge that was issued/,
  ],
  [
    "a result of a configuration in another spelling",
    () => dumpWith((result) => ({ ...result, regs: "wd=0" })),
    /line 4 of the dump: \/regs: /,
  ],
  [
    "a challenge of more seeds than the protocol's",
    async () => dumpOf([await registration(), await issuedTo(aCommitment(), 9)]),
    /line 3 of the dump: \/seeds: 3 seeds \(found 9\)/,
  ],
  [
    "a commitment to no configuration",
    async () => dumpOf([await registration(), await issuedTo(aCommitment({ arch: "mlp-0" }))]),
    /line 3 of the dump: \/arch: /,
  ],
  [
    "a reproduction that says what its numbers do not",
    () => dumpWithReproduction((each) => ({ ...each, verdict: "disagree" })),
    /line 7 of the dump: \/verdict: agree/,
  ],
  [
    "a challenge of version 0.1",
    async () => dumpOf([await registration(), await issuedTo(formerCommitment())]),
    /line 3 of the dump: .* of version 0\.1 of rademark, .*: keep it for that version/,
  ],
  [
    "a result of version 0.1",
    async () => dumpOf([await registration(), await formerLeaf()]),
    /line 3 of the dump: .* of version 0\.1 of rademark, .*: keep it for that version/,
  ],
  [
    "a reproduction of nothing",
    async () =>
      dumpOf([
        await registration(AT, bob),
        await leaf("reproduction", aReproduction().reproduction, bob),
      ]),
    /line 3 of the dump: it does not go with the lines before it/,
  ],
])("%s is refused with the line, and nothing is stored", async (_, dump, reason) => {
  const refused = restore(deployment.db, given(await dump()), null);
  await expect(refused).rejects.toThrow(OperatorError);
  await expect(refused).rejects.toThrow(reason);
  for (const table of [schema.leaves, schema.keys, schema.challenges])
    expect(await deployment.db.$count(table)).toBe(0);
});

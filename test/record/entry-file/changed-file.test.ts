import { expect, test } from "vitest";
import type { CheckName } from "../../../record/answers/entry-file.ts";
import type { Receipt } from "../../../record/log/log-proof.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { aWholeRun } from "../../world/runs.ts";
import { alice } from "../../world/statements.ts";
import { anEntryFile } from "./factories.ts";
import { faults, filed, issued, result } from "./filed.ts";

const { file, proofOf, signedAt } = filed;
const changedRun = { ...result, panel: result.panel.with(0, { ...result.panel[0]!, seed: 77 }) };
const wrongCounts = {
  ...result,
  panel: result.panel.with(0, aWholeRun({ testSamples: 9999 })),
};
const { challenge, challengeProof } = file;
const ofReceipt = (changes: Partial<Receipt>) => ({
  ...challenge!,
  receipt: { ...challenge!.receipt, ...changes },
});

test.each<[string, () => unknown, CheckName[]]>([
  ["no file at all", () => null, ["schema"]],
  ["a member too many", () => ({ ...file, note: 1 }), ["schema"]],
  [
    "another payload under the signature",
    () => ({ ...file, envelope: { ...file.envelope, payload: btoa("{}") } }),
    ["signature"],
  ],
  [
    "a commitment in the place of the result",
    () => ({ ...file, envelope: challenge!.envelope }),
    ["schema"],
  ],
  [
    "a seed that was not issued",
    async () => ({ ...file, envelope: await sealEnvelope("result", changedRun, [alice.seed]) }),
    ["challenge", "inclusion"],
  ],
  [
    "counts of no whole run",
    async () => ({ ...file, envelope: await sealEnvelope("result", wrongCounts, [alice.seed]) }),
    ["counts", "challenge", "inclusion"],
  ],
  ["the challenge left out", () => ({ ...file, challenge: null }), ["challenge"]],
  [
    "another nonce",
    () => ({
      ...file,
      challenge: {
        ...challenge!,
        challenge: { ...challenge!.challenge, nonce: "cd".repeat(32) },
      },
    }),
    ["challenge"],
  ],
  [
    "a commitment that nobody signed",
    () => ({
      ...file,
      challenge: {
        ...challenge!,
        commitment: { ...challenge!.commitment, unique: "8".repeat(64) },
      },
    }),
    ["challenge"],
  ],
  [
    "a challenge later than the result",
    () => ({
      ...file,
      challenge: ofReceipt({ index: 6 }),
      challengeProof: { ...challengeProof!, index: 6 },
    }),
    ["challenge"],
  ],
  [
    "a receipt that points at another early leaf",
    () => ({ ...file, challenge: ofReceipt({ index: 1 }) }),
    ["challenge"],
  ],
  [
    "a proof of that other leaf, which holds something else",
    async () => ({
      ...file,
      challenge: ofReceipt({ index: 1 }),
      challengeProof: await proofOf(1),
    }),
    ["challenge"],
  ],
  [
    "a challenge said to be at a leaf that it is not at",
    async () => {
      const { entry } = challengeProof!;
      const there = { ...(await proofOf(1)), entry };
      return { ...file, challenge: ofReceipt({ index: 1 }), challengeProof: there };
    },
    ["challenge"],
  ],
  [
    "a challenge in another tree of the log",
    async () => {
      const further = await anEntryFile("result", result, issued, alice.seed, { size: 11 });
      return { ...file, challengeProof: further.file.challengeProof };
    },
    ["challenge"],
  ],
  [
    "a receipt of a tree that had not come to the challenge",
    async () => ({ ...file, challenge: ofReceipt({ checkpoint: await signedAt(2) }) }),
    ["challenge"],
  ],
  ["no proof of the challenge", () => ({ ...file, challengeProof: null }), ["challenge"]],
  [
    "a challenge that expired",
    () => ({
      ...file,
      challenge: {
        ...challenge!,
        outcome: { ...challenge!.outcome!, outcome: "expired", statement: null },
      },
    }),
    ["challenge"],
  ],
  [
    "a proof of another leaf",
    () => ({ ...file, proof: { ...file.proof, index: 4 } }),
    ["inclusion"],
  ],
  [
    "a proof about another statement",
    () => ({
      ...file,
      proof: { ...file.proof, entry: { kind: "result", digest: "0".repeat(64) } },
    }),
    ["inclusion"],
  ],
  ["no proof of growth", () => ({ ...file, consistency: null }), ["consistency"]],
  [
    "a proof of growth to elsewhere",
    async () => {
      const further = await anEntryFile("result", result, issued, alice.seed, { size: 11 });
      return { ...file, consistency: further.file.consistency };
    },
    ["consistency"],
  ],
  ["the key of another log", () => ({ ...file, verifierKey: "x+00000000+AAAA" }), ["inclusion"]],
])("%s is found", async (_, change, expected) => {
  expect(await faults(await change())).toEqual(expected);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CHECKS,
  EntryFile,
  verifyEntryFile,
  type CheckName,
} from "../../../record/answers/entry-file.ts";
import { verifierKey, formatVerifierKey, signCheckpoint } from "../../../record/log/checkpoint.ts";
import { outcome } from "../../../record/summary.ts";
import { aReproduction, aResult, alice, bob, idOf, aChallenge } from "../../world/statements.ts";
import { micro, aWholeRun } from "../../world/runs.ts";
import {
  type Receipt,
  type InclusionProof,
  type LogEntry,
  logEntryBytes,
} from "../../../record/log/log-proof.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { canonicalDigest } from "../../../record/canonical-json.ts";
import type { ChallengeDocument } from "../../../record/answers/documents.ts";
import { consistencyProof, inclusionProof, treeRoot } from "../../../record/log/merkle-tree.ts";
import { encodeBase64 } from "../../../record/signature/base64.ts";
import { publicKeyOf } from "../../../record/signature/ed25519.ts";
import { type IssuedChallenge, freshSeeds } from "../../../record/statement/challenge.ts";
import {
  type Statement,
  statementBytes,
  statementId,
} from "../../../record/statement/statements.ts";
import { grow } from "../log/trees.ts";

const logSeed = new Uint8Array(32).fill(9);
const origin = "localhost/rademark";
const log = verifierKey(origin, await publicKeyOf(logSeed));

const other = (i: number): LogEntry => ({ kind: "key", digest: i.toString(16).repeat(64) });

/** The challenge stands at leaf 2, the statement at leaf 5 of 8 (or of `size`). */
async function anEntryFile<Kind extends "result" | "reproduction">(
  kind: Kind,
  statement: Statement<Kind>,
  issued: IssuedChallenge | null,
  seed: Uint8Array,
  sizes: { size?: number; seen?: number } = {},
) {
  const { size = 8, seen = 3 } = sizes;
  const id = statementId(statementBytes(kind, statement));
  const challenge = issued && {
    id: issued.id,
    nonce: issued.nonce,
    seeds: freshSeeds(issued, micro.freshSeeds),
    issuedAt: "2026-01-01T00:00:00Z",
    expiresAt: "2026-01-08T00:00:00Z",
  };
  const entries = Array.from({ length: 12 }, (_, i) => other(i));
  if (challenge) entries[2] = { kind: "challenge", digest: canonicalDigest(challenge) };
  entries[5] = { kind, digest: id };
  const tree = grow(entries.map(logEntryBytes));
  const signedAt = (leaves: number) =>
    signCheckpoint({ origin, size: leaves, root: treeRoot(leaves, tree) }, logSeed);
  const [older, newer] = [Math.min(seen, size), Math.max(seen, size)];
  const document: ChallengeDocument | null = challenge && {
    challenge,
    commitment: issued.commitment,
    envelope: await sealEnvelope("commitment", issued.commitment, [seed]),
    outcome: {
      challenge: challenge.id,
      outcome: "completed",
      statement: id,
      reason: null,
      at: "2026-01-02T00:00:00Z",
    },
    receipt: { id: challenge.id, index: 2, checkpoint: await signedAt(3) },
  };
  const proofOf = async (index: number): Promise<InclusionProof> => ({
    entry: entries[index]!,
    index,
    checkpoint: await signedAt(size),
    hashes: inclusionProof(index, size, tree).map(encodeBase64),
  });
  const file: EntryFile = {
    rademark: "entry",
    version: 1,
    envelope: await sealEnvelope(kind, statement, [seed]),
    challenge: document,
    challengeProof: challenge && (await proofOf(2)),
    proof: await proofOf(5),
    consistency: {
      older,
      checkpoint: await signedAt(newer),
      hashes: consistencyProof(older, newer, tree).map(encodeBase64),
    },
    verifierKey: formatVerifierKey(log),
  };
  return { file, id, proofOf, signedAt, seen: { size: seen, root: treeRoot(seen, tree) } };
}

const issued = aChallenge();
const result = aResult(issued);
const filed = await anEntryFile("result", result, issued, alice.seed);
const options = { log, seen: filed.seen };

/** Names of the checks that failed for a reason of their own. */
async function faults(changed: unknown, changes: Partial<typeof options> = {}) {
  const { checks, ok } = await verifyEntryFile(changed, { ...options, ...changes });
  expect(checks.map(({ name }) => name)).toEqual(CHECKS);
  expect(ok).toBe(checks.every((check) => check.ok));
  return checks
    .filter((check) => !check.ok && !check.text.startsWith("Not reached"))
    .map(({ name }) => name);
}

const { file, id } = filed;

test("a whole file passes every check, and its numbers are recomputed", async () => {
  expect(EntryFile.parse(file)).toEqual(file);
  const checked = await verifyEntryFile(JSON.parse(JSON.stringify(file)), options);
  expect(checked.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checked.ok).toBe(true);
  expect(checked.statement?.id).toBe(id);
  const [first, ...rest] = [...result.panel, ...result.fresh];
  expect(checked.outcome).toEqual(outcome([first!, ...rest], micro));
  expect(checked.tree?.size).toBe(8);
});

test("a file older than what was seen since passes with the proof that joins the two", async () => {
  const old = await anEntryFile("result", result, issued, alice.seed, { size: 6, seen: 11 });
  expect(await faults(old.file, { seen: old.seen })).toEqual([]);
  expect(await faults({ ...old.file, consistency: null }, { seen: old.seen })).toEqual([
    "consistency",
  ]);
});

test("a result without a challenge passes, and is said to have none", async () => {
  const plain = await anEntryFile("result", aResult(null), null, alice.seed);
  const { ok, checks } = await verifyEntryFile(plain.file, { log, seen: null });
  expect(ok).toBe(true);
  expect(checks.find(({ name }) => name === "challenge")!.text).toContain("No challenge");
  const { challenge, challengeProof } = file;
  for (const surplus of [{ challenge }, { challengeProof }])
    expect(await faults({ ...plain.file, ...surplus }, { seen: plain.seen })).toEqual([
      "challenge",
    ]);
});

describe("what the reader holds decides, not the file:", () => {
  test("another log's key fails", async () => {
    const foreign = verifierKey("elsewhere", log.publicKey);
    expect(await faults(file, { log: foreign })).toEqual(["challenge", "inclusion"]);
  });

  test("another history of as many leaves fails", async () => {
    const root = new Uint8Array(32);
    expect(await faults(file, { seen: { size: 8, root } })).toEqual(["consistency"]);
    expect(await faults(file, { seen: { size: 3, root } })).toEqual(["consistency"]);
  });

  test("a protocol that is not known fails", async () => {
    const { checks, outcome } = await verifyEntryFile(file, { ...options, protocols: [] });
    expect(checks.find(({ ok }) => !ok)).toMatchObject({ name: "counts" });
    expect(outcome).toBeNull();
  });
});

describe("a reproduction", async () => {
  const { reproduction, challenge } = aReproduction(result);
  const made = await anEntryFile("reproduction", reproduction, challenge, bob.seed);
  const entry = { id: idOf(result), result };

  test("passes, with its verdict where the entry is at hand", async () => {
    const alone = await verifyEntryFile(made.file, { log, seen: made.seen });
    expect(alone.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(alone.checks[2]!.text).toContain("but for the verdict");
    const judged = await verifyEntryFile(made.file, { log, seen: made.seen, entry });
    expect(judged.ok).toBe(true);
    expect(judged.checks[2]!.text).not.toContain("verdict");
  });

  test("with a verdict that its runs do not give fails beside the entry", async () => {
    const lie = { ...reproduction, verdict: "disagree" as const };
    const { file, seen } = await anEntryFile("reproduction", lie, challenge, bob.seed);
    const { checks } = await verifyEntryFile(file, { log, seen, entry });
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(["counts"]);
  });

  test("without a challenge fails", async () => {
    const bare = { ...reproduction, challenge: null, fresh: [] };
    const { file, seen } = await anEntryFile("reproduction", bare, null, bob.seed);
    expect(await faults(file, { seen })).toEqual(["challenge"]);
  });
});

test("any value at any place of the file gives checks, never an exception", async () => {
  const paths = placesIn(file).filter((path) => path.length > 0);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue(), async (path, value) => {
      const changed = structuredClone(file) as unknown as Record<string, unknown>;
      const parent = path.slice(0, -1).reduce<Record<string, unknown>>((at, step) => {
        return at[step] as Record<string, unknown>;
      }, changed);
      parent[path.at(-1)!] = value;
      const { checks } = await verifyEntryFile(changed, options);
      expect(checks.map(({ name }) => name)).toEqual(CHECKS);
    }),
    { numRuns: 60 },
  );
});

function placesIn(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [[]];
  const inner = Object.entries(value).flatMap(([key, part]) =>
    placesIn(part).map((path) => [key, ...path]),
  );
  return [[], ...inner];
}

describe("a changed file", () => {
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
});

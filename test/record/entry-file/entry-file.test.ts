import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CHECKS, type CheckName } from "../../../record/entry-file/check.ts";
import { EntryFile, verifyEntryFile } from "../../../record/entry-file.ts";
import { verifierKey } from "../../../record/log/verifier-key.ts";
import { outcome } from "../../../record/outcome.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import {
  aChallenge,
  aReproduction,
  aResult,
  aWholeRun,
  alice,
  bob,
  idOf,
  micro,
} from "../statement/factories.ts";
import { anEntryFile, log } from "./factories.ts";

const issued = aChallenge();
const result = aResult(issued);
const { file, seen, id } = await anEntryFile("result", result, issued, alice.seed);
const options = { log, seen };

/** Names of the checks that failed for a reason of their own. */
async function faults(changed: unknown, changes: Partial<typeof options> = {}) {
  const { checks, ok } = await verifyEntryFile(changed, { ...options, ...changes });
  expect(checks.map(({ name }) => name)).toEqual(CHECKS);
  expect(ok).toBe(checks.every((check) => check.ok));
  return checks
    .filter((check) => !check.ok && !check.text.startsWith("Not reached"))
    .map(({ name }) => name);
}

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
  expect(await faults({ ...plain.file, challenge: file.challenge }, { seen: plain.seen })).toEqual([
    "challenge",
  ]);
});

const changedRun = { ...result, panel: result.panel.with(0, { ...result.panel[0]!, seed: 77 }) };
const wrongCounts = {
  ...result,
  panel: result.panel.with(0, aWholeRun({ testSamples: 9999 })),
};
const { challenge } = file;

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
      challenge: { ...challenge!, receipt: { ...challenge!.receipt, index: 6 } },
    }),
    ["challenge"],
  ],
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

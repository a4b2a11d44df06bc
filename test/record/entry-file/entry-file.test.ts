import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CHECKS, EntryFile, verifyEntryFile } from "../../../record/answers/entry-file.ts";
import { verifierKey } from "../../../record/log/checkpoint.ts";
import { outcome } from "../../../record/summary.ts";
import { aReproduction, aResult, alice, bob, idOf } from "../../world/statements.ts";
import { micro } from "../../world/runs.ts";
import { anEntryFile, log } from "./factories.ts";
import { faults, filed, issued, options, result } from "./filed.ts";

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

import { describe, expect, test } from "vitest";
import { comparedEntries } from "../../record/answers/compared-entries.ts";
import { Difference, conditionsOfResult, differences } from "../../record/statement/conditions.ts";
import { ComparisonDocument } from "../../record/answers/documents.ts";
import { deriveProtocol } from "../../record/derived-protocol.ts";
import type { Result } from "../../record/statement/statements.ts";
import { compareSection } from "../../site/components/compare/compare-section.ts";
import { shown } from "../charts/rows.ts";
import { aRow } from "../site/data/rows.ts";
import { aResult } from "../world/statements.ts";
import { micro } from "../world/runs.ts";

const result = aResult();

describe("conditions of listed results", () => {
  const on = (changes: Partial<Result>) =>
    differences([result, { ...result, ...changes }].map((each) => conditionsOfResult(each, micro)));

  test("that are the same have nothing to tell", () => {
    expect(on({})).toEqual([]);
  });

  test.each<[string, Partial<Result>, string[]]>([
    ["device", { engine: { ...result.engine, device: "cuda" } }, ["device", "processor"]],
    ["precision", { engine: { ...result.engine, precision: "tf32" } }, ["precision"]],
    [
      "repeatability",
      { engine: { ...result.engine, deterministic: false } },
      ["deterministic operations"],
    ],
    ["library", { engine: { ...result.engine, library: "jax 1.0" } }, ["library"]],
    ["threads", { machine: { ...result.machine, threads: 63 } }, ["threads"]],
    ["processor", { machine: { ...result.machine, cpu: "Other" } }, ["processor"]],
    ["harness", { harness: { version: "9.9.9", git: null } }, ["harness"]],
    ["memory", { machine: { ...result.machine, memoryBytes: 1 } }, []],
  ])("another %s is named, and nothing else", (_, changes, conditions) => {
    expect(on(changes).map(({ condition }) => condition)).toEqual(conditions);
    for (const each of on(changes)) expect(Difference.parse(each).weight).toBe("noted");
  });
});

test("every field in which two protocols differ is named, each refused", () => {
  const other = deriveProtocol(micro, ["epochs=5", "subset.perClass=100"]);
  const told = differences([micro, other].map((protocol) => conditionsOfResult(result, protocol)));
  expect(told.map(({ condition }) => condition)).toEqual(["protocol", "subset.perClass", "epochs"]);
  expect(told.map(({ weight }) => weight)).toEqual(["refused", "refused", "refused"]);
});

test("a comparison of entries says what else differs between them, on the page, too", () => {
  const other: Result = { ...result, machine: { ...result.machine, threads: 63 } };
  const row = aRow();
  const compared = comparedEntries([
    { row, result },
    { row: { ...row, entry: "f".repeat(64) }, result: other },
  ]);
  expect(ComparisonDocument.parse(compared).differences).toEqual([
    { condition: "threads", values: [String(result.machine.threads), "63"], weight: "noted" },
  ]);
  const text = (from: ComparisonDocument) => shown(compareSection(from)).textContent;
  expect(text(compared)).toContain(`threads: ${result.machine.threads} (A); 63 (B): `);
  expect(text({ ...compared, differences: [] })).not.toContain("What else differs");
  expect(text(compared)).not.toContain("left out");
  expect(shown(compareSection(compared, { left: 1 })).textContent).toContain(
    "At most 5 are compared: 1 other left out.",
  );
});

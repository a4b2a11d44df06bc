import { expect, test } from "vitest";
import { resultProblems } from "../../record/statement/result-problems.ts";
import { countsDigest } from "../../record/statement/run-problems.ts";
import { aChallenge } from "../world/statements.ts";
import { micro } from "../world/runs.ts";
import { syntheticConfiguration, syntheticResult } from "../../bench/load/synthetic.ts";

const numbers = Array.from({ length: 40 }, (_, i) => i * 37);

test("results made up for load tests pass the checks that real ones pass", () => {
  for (const i of numbers) {
    const challenge = aChallenge({
      ...syntheticConfiguration(i),
      unique: String(i).padStart(64, "0"),
    });
    expect(resultProblems(syntheticResult(i, challenge), micro, challenge)).toEqual([]);
  }
});

test("results made up for load tests share neither configuration nor counts", () => {
  const many = Array.from({ length: 10_000 }, (_, i) =>
    Object.values(syntheticConfiguration(i)).join(),
  );
  expect(new Set(many).size).toBe(many.length);
  const digests = numbers.flatMap((i) => syntheticResult(i, null).panel.map(countsDigest));
  expect(new Set(digests).size).toBe(digests.length);
});

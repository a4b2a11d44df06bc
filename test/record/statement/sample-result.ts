/** @file One result that stands, and what it breaks once something is changed. */

import { expect } from "vitest";
import type { Problem } from "../../../record/problem.ts";
import type { Run } from "../../../record/run.ts";
import type { IssuedChallenge } from "../../../record/statement/challenge.ts";
import { Result } from "../../../record/statement/statements.ts";
import { resultProblems } from "../../../record/statement/result-problems.ts";
import { aChallenge, aResult } from "../../world/statements.ts";
import { micro } from "../../world/runs.ts";

export const challenge = aChallenge();
export const result = aResult(challenge);

/** The result with another panel run 2. */
export function withRun(change: (run: Run) => Run): Result {
  const changed = change(structuredClone(result.panel[2]!));
  return { ...result, panel: result.panel.with(2, changed) };
}

export function problemsOf(
  statement: Result,
  issued: IssuedChallenge | null = challenge,
): Problem[] {
  expect(Result.safeParse(statement).error).toBeUndefined();
  return resultProblems(statement, micro, issued);
}

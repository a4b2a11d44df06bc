/** @file One entry file that passes, and which of its checks fail once something is changed. */

import { expect } from "vitest";
import { CHECKS, verifyEntryFile } from "../../../record/answers/entry-file.ts";
import { aChallenge, aResult, alice } from "../../world/statements.ts";
import { anEntryFile, log } from "./factories.ts";

export const issued = aChallenge();
export const result = aResult(issued);
export const filed = await anEntryFile("result", result, issued, alice.seed);
export const options = { log, seen: filed.seen };

/** Names of the checks that failed for a reason of their own. */
export async function faults(changed: unknown, changes: Partial<typeof options> = {}) {
  const { checks, ok } = await verifyEntryFile(changed, { ...options, ...changes });
  expect(checks.map(({ name }) => name)).toEqual(CHECKS);
  expect(ok).toBe(checks.every((check) => check.ok));
  return checks
    .filter((check) => !check.ok && !check.text.startsWith("Not reached"))
    .map(({ name }) => name);
}

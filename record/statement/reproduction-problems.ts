/** @file Every check of a reproduction that needs no database. */

import { problemAt, type Problem } from "../problem.ts";
import type { Protocol } from "../protocol.ts";
import type { IssuedChallenge } from "./challenge.ts";
import type { Reproduction } from "./reproduction.ts";
import { reproductionVerdict } from "./reproduction-verdict.ts";
import type { Result } from "./result.ts";
import { measurementProblems } from "./result-problems.ts";

/**
 * Empty for a reproduction that may stand; its schema has been checked before.
 *
 * @param entry the result it names, with its id.
 */
export function reproductionProblems(
  reproduction: Reproduction,
  entry: { id: string; result: Result },
  protocol: Protocol,
  challenge: IssuedChallenge | null,
): Problem[] {
  const { result } = entry;
  const differing = (["protocol", "arch", "regs", "source"] as const).filter(
    (name) => reproduction[name] !== result[name],
  );
  const problems = [
    ...(reproduction.entry === entry.id ? [] : [problemAt(reproduction, ["entry"], entry.id)]),
    ...differing.map((name) => problemAt(reproduction, [name], "the entry's")),
    ...(reproduction.challenge === null
      ? [problemAt(reproduction, ["challenge"], "one of its own, as only fresh runs count")]
      : []),
  ];
  if (problems.length > 0) return problems;
  const counts = measurementProblems(reproduction, protocol, challenge, entry.id);
  if (counts.length > 0) return counts;
  const expected = reproductionVerdict(result, reproduction, protocol);
  if (reproduction.verdict === expected) return [];
  return [
    problemAt(reproduction, ["verdict"], `${expected}, which its numbers and the entry's give`),
  ];
}

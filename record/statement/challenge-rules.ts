/** @file Does a statement meet the challenge it names: what was committed to, and the seeds that followed? */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { problemAt, type Problem } from "../problem.ts";
import type { Protocol } from "../protocol.ts";
import type { Run } from "../run.ts";
import { freshSeeds, type IssuedChallenge } from "./challenge.ts";
import type { Measurement } from "./measurement.ts";

/**
 * @param challenge what was issued under the id that the statement names; null when nothing was.
 * @param reproduces the entry that the statement is about; null for a result.
 */
export function challengeProblems(
  statement: Measurement,
  protocol: Protocol,
  challenge: IssuedChallenge | null,
  reproduces: string | null,
): Problem[] {
  const panel = seedProblems(statement, "panel", protocol.panelSeeds);
  if (statement.challenge === null) return [...panel, ...seedProblems(statement, "fresh", [])];
  if (challenge === null || challenge.id !== statement.challenge)
    return [...panel, problemAt(statement, ["challenge"], "the id of a challenge that was issued")];
  return [
    ...panel,
    ...commitmentProblems(statement, challenge, reproduces),
    ...seedProblems(statement, "fresh", freshSeeds(challenge, protocol.freshSeeds)),
  ];
}

/** Exactly these, in this order, each once. */
function seedProblems(
  statement: Measurement,
  part: "panel" | "fresh",
  seeds: readonly number[],
): Problem[] {
  const runs: readonly Run[] = statement[part];
  if (runs.length !== seeds.length)
    return [problemAt(statement, [part], seeds.length === 0 ? "empty" : `${seeds.length} runs`)];
  return runs.flatMap(({ seed }, i) =>
    seed === seeds[i] ? [] : [problemAt(statement, [part, i, "seed"], `${seeds[i]}`)],
  );
}

function commitmentProblems(
  statement: Measurement,
  { commitment }: IssuedChallenge,
  reproduces: string | null,
): Problem[] {
  const { source } = statement;
  if (reproduces !== commitment.reproduces) {
    const purpose = reproduces === null ? "a result, not for a reproduction" : "this entry";
    return [problemAt(statement, ["challenge"], `committed to for ${purpose}`)];
  }
  const rules: [holds: boolean, path: string[], committed: string | null][] = [
    ...(["key", "protocol", "arch", "regs"] as const).map((name): [boolean, string[], string] => [
      statement[name] === commitment[name],
      [name],
      commitment[name],
    ]),
    [
      (source && bytesToHex(sha256(utf8ToBytes(source)))) === commitment.source,
      ["source"],
      commitment.source,
    ],
    [statement.harness.version === commitment.harness, ["harness", "version"], commitment.harness],
  ];
  return rules
    .filter(([holds]) => !holds)
    .map(([, path, committed]) => problemAt(statement, path, `as committed to: ${committed}`));
}

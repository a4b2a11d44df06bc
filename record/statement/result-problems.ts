/** @file Every check of a result that needs no database (trust.md section 4), for server and offline reader alike. */

import { problemAt, type Path, type Problem } from "../problem.ts";
import type { Protocol } from "../protocol.ts";
import { protocolId } from "../protocols.ts";
import type { Run } from "../run.ts";
import type { IssuedChallenge } from "./challenge.ts";
import { challengeProblems } from "./challenge-rules.ts";
import { configurationProblems } from "./configuration-problems.ts";
import { countsDigest } from "./counts-digest.ts";
import { harnessProblems } from "./harness-problems.ts";
import type { Measurement } from "./measurement.ts";
import type { Result } from "./result.ts";
import { wholeRunProblems } from "./run-problems.ts";

/**
 * Empty for a result that may stand; its schema has been checked before.
 *
 * No aggregate is looked at, as the schema has none: all are recomputed from the counts.
 *
 * @param challenge issued under the id that the result names; null when there is none.
 */
export function resultProblems(
  result: Result,
  protocol: Protocol,
  challenge: IssuedChallenge | null,
): Problem[] {
  return measurementProblems(result, protocol, challenge, null);
}

/** @param reproduces id of the result that the statement is about; null for a result. */
export function measurementProblems(
  statement: Measurement,
  protocol: Protocol,
  challenge: IssuedChallenge | null,
  reproduces: string | null,
): Problem[] {
  const id = protocolId(protocol);
  if (statement.protocol !== id)
    return [problemAt(statement, ["protocol"], `${id}, the id of ${protocol.name}`)];
  const configuration = configurationProblems(statement, protocol);
  if (configuration.length > 0) return configuration; // the rules of counts read the architecture
  return [
    ...harnessProblems(statement, ["harness", "version"], protocol),
    ...challengeProblems(statement, protocol, challenge, reproduces),
    ...runsOf(statement).flatMap(({ run, path }) => [
      ...foreignProblems(statement, run, path),
      ...within(path, wholeRunProblems(run, protocol)),
    ]),
    ...copyProblems(statement),
  ];
}

/** All runs of a statement and where they stand. */
function runsOf({ panel, fresh }: Measurement): { run: Run; path: Path }[] {
  return [
    ...panel.map((run, i) => ({ run, path: ["panel", i] })),
    ...fresh.map((run, i) => ({ run, path: ["fresh", i] })),
  ];
}

/** Every run is one of the statement's configuration, with the same number of parameters. */
function foreignProblems(statement: Measurement, run: Run, path: Path): Problem[] {
  const expected = { ...statement, params: statement.panel[0]?.params ?? run.params };
  return (["protocol", "arch", "regs", "params"] as const)
    .filter((name) => run[name] !== expected[name])
    .map((name) => problemAt(statement, [...path, name], `${expected[name]}, like the others`));
}

function within(path: Path, problems: Problem[]): Problem[] {
  const prefix = path.map((step) => `/${String(step)}`).join("");
  return problems.map((problem) => ({ ...problem, pointer: prefix + problem.pointer }));
}

/** Two seeds never lead to the same counts. */
function copyProblems(statement: Measurement): Problem[] {
  const places = new Map<string, string>();
  return runsOf(statement).flatMap(({ run, path }) => {
    const digest = countsDigest(run);
    const pointer = `/${path.join("/")}`;
    const earlier = digest === null ? undefined : places.get(digest);
    if (digest !== null && earlier === undefined) places.set(digest, pointer);
    if (earlier === undefined) return [];
    return [{ pointer, rule: "counts of its own", found: `those of ${earlier}` }];
  });
}

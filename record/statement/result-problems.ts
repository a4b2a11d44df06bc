/** @file Every check of a result that needs no database (trust.md section 4), for server and offline reader alike. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import {
  type Path,
  type Problem,
  RecordError,
  type Rule,
  brokenRules,
  jsonPointer,
  problemAt,
  problemLine,
  valueAt,
} from "../problem.ts";
import { type Protocol, protocolId } from "../protocols.ts";
import type { Run } from "../run.ts";
import { type IssuedChallenge, freshSeeds } from "./challenge.ts";
import { type RunRule, countsDigest, wholeRunProblems } from "./run-problems.ts";
import type { Measurement, Reproduction, Result, Verdict } from "./statements.ts";
import { NO_ABLATIONS, canonicalConfiguration } from "../configuration.ts";
import { runMetrics } from "../metrics.ts";
import { sampleOf, tInterval, welchTest } from "../statistics/t-interval.ts";

/** Rules for a configuration: it must be one that is accepted, and be written canonically. */
export type ConfigurationRule = "source" | "configuration" | "canonical-configuration";

/** Rules that tie a statement's runs to public seeds, and to a commitment. */
export const CHALLENGE_RULES = [
  "panel-seeds",
  "fresh-seeds",
  "issued-challenge",
  "challenge-purpose",
  "commitment",
] as const;
export type ChallengeRule = (typeof CHALLENGE_RULES)[number];

/** Rules for a result. */
export type MeasurementRule =
  | "protocol"
  | ConfigurationRule
  | "harness-version"
  | ChallengeRule
  | "same-configuration"
  | RunRule
  | "own-counts";

/** Rules for a reproduction. */
export type ReproductionRule =
  MeasurementRule | "entry" | "entry-configuration" | "own-challenge" | "verdict";

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
): Problem<MeasurementRule>[] {
  return measurementProblems(result, protocol, challenge, null);
}

/** @param reproduces id of the result that the statement is about; null for a result. */
export function measurementProblems(
  statement: Measurement,
  protocol: Protocol,
  challenge: IssuedChallenge | null,
  reproduces: string | null,
): Problem<MeasurementRule>[] {
  const id = protocolId(protocol);
  if (statement.protocol !== id)
    return [problemAt(statement, ["protocol"], "protocol", `${id}, the id of ${protocol.name}`)];
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

/** All runs of a statement, each with its path. */
function runsOf({ panel, fresh }: Measurement): { run: Run; path: Path }[] {
  return [
    ...panel.map((run, i) => ({ run, path: ["panel", i] })),
    ...fresh.map((run, i) => ({ run, path: ["fresh", i] })),
  ];
}

/** Every run is one of the statement's configuration, with the same number of parameters. */
function foreignProblems(
  statement: Measurement,
  run: Run,
  path: Path,
): Problem<"same-configuration">[] {
  const expected = { ...statement, params: statement.panel[0]?.params ?? run.params };
  const rules = (["protocol", "arch", "regs", "params"] as const).map(
    (name): Rule<"same-configuration"> => {
      const rule = `${expected[name]}, like the others`;
      return [run[name] === expected[name], [...path, name], "same-configuration", rule];
    },
  );
  return brokenRules(statement, rules);
}

function within<Code extends string>(path: Path, problems: Problem<Code>[]): Problem<Code>[] {
  const prefix = jsonPointer(path);
  return problems.map((problem) => ({ ...problem, pointer: prefix + problem.pointer }));
}

/** Two seeds never lead to the same counts. */
function copyProblems(statement: Measurement): Problem<"own-counts">[] {
  const places = new Map<string, string>();
  return runsOf(statement).flatMap(({ run, path }) => {
    const digest = countsDigest(run);
    const pointer = jsonPointer(path);
    const earlier = digest === null ? undefined : places.get(digest);
    if (digest !== null && earlier === undefined) places.set(digest, pointer);
    if (earlier === undefined) return [];
    const [rule, found] = ["counts of its own", `those of ${earlier}`];
    return [{ code: "own-counts", pointer, rule, found }];
  });
}

const NO_SOURCE = "null: custom architectures are not taken yet, only those that `arch` names";

/** Empty for one that the protocol knows and that is written canonically. */
export function configurationProblems(
  statement: { arch: string; regs: string; source: string | null },
  protocol: Protocol,
): Problem<ConfigurationRule>[] {
  const { arch, regs, source } = statement;
  if (source !== null) return [problemAt(statement, ["source"], "source", NO_SOURCE)];
  const canonical = (regs: string) => {
    const choice = { arch, regs, seeds: protocol.panelSeeds, threads: 1, save: [] };
    const rest = { engine: "cpu", limit: null, ablations: NO_ABLATIONS } as const;
    return canonicalConfiguration(protocol, { ...choice, ...rest });
  };
  try {
    canonical("none");
  } catch (error) {
    return [problemAt(statement, ["arch"], "configuration", ruleOf(error))];
  }
  try {
    const written = canonical(regs);
    const rules = (["arch", "regs"] as const).map((name): Rule<"canonical-configuration"> => {
      const rule = `canonical: ${written[name]}`;
      return [written[name] === statement[name], [name], "canonical-configuration", rule];
    });
    return brokenRules(statement, rules);
  } catch (error) {
    return [problemAt(statement, ["regs"], "configuration", ruleOf(error))];
  }
}

function ruleOf(error: unknown): string {
  if (error instanceof RecordError) return error.problems.map(problemLine).join("; ");
  throw error;
}

/** @param path where the version stands in the statement. */
export function harnessProblems(
  statement: object,
  path: Path,
  { minimumHarness }: Protocol,
): Problem<"harness-version">[] {
  const parts = (version: string) => version.split(".").map(Number);
  const [found, least] = [parts(String(valueAt(statement, path))), parts(minimumHarness)];
  const at = found.findIndex((part, i) => part !== least[i]);
  if (at < 0 || found[at]! > least[at]!) return [];
  return [problemAt(statement, path, "harness-version", `at least ${minimumHarness}`)];
}

/**
 * @param challenge what was issued under the id that the statement names; null when nothing was.
 * @param reproduces the entry that the statement is about; null for a result.
 */
export function challengeProblems(
  statement: Measurement,
  protocol: Protocol,
  challenge: IssuedChallenge | null,
  reproduces: string | null,
): Problem<ChallengeRule>[] {
  const panel = seedProblems(statement, "panel", protocol.panelSeeds);
  if (statement.challenge === null) return [...panel, ...seedProblems(statement, "fresh", [])];
  if (challenge === null || challenge.id !== statement.challenge)
    return [
      ...panel,
      problemAt(
        statement,
        ["challenge"],
        "issued-challenge",
        "the id of a challenge that was issued",
      ),
    ];
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
): Problem<ChallengeRule>[] {
  const runs: readonly Run[] = statement[part];
  const code = `${part}-seeds` as const;
  const length = seeds.length === 0 ? "empty" : `${seeds.length} runs`;
  if (runs.length !== seeds.length) return [problemAt(statement, [part], code, length)];
  const rules = runs.map(({ seed }, i): Rule<ChallengeRule> => {
    return [seed === seeds[i], [part, i, "seed"], code, `${seeds[i]}`];
  });
  return brokenRules(statement, rules);
}

function commitmentProblems(
  statement: Measurement,
  { commitment }: IssuedChallenge,
  reproduces: string | null,
): Problem<ChallengeRule>[] {
  const { source } = statement;
  if (reproduces !== commitment.reproduces) {
    const purpose = reproduces === null ? "a result, not for a reproduction" : "this entry";
    const rule = `committed to for ${purpose}`;
    return [problemAt(statement, ["challenge"], "challenge-purpose", rule)];
  }
  const asCommitted = (
    path: Path,
    found: string | null,
    committed: string | null,
  ): Rule<ChallengeRule> => {
    return [found === committed, path, "commitment", `as committed to: ${committed}`];
  };
  return brokenRules(statement, [
    ...(["key", "protocol", "arch", "regs"] as const).map((name) =>
      asCommitted([name], statement[name], commitment[name]),
    ),
    asCommitted(["source"], source && bytesToHex(sha256(utf8ToBytes(source))), commitment.source),
    asCommitted(["harness", "version"], statement.harness.version, commitment.harness),
  ]);
}

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
): Problem<ReproductionRule>[] {
  const { result } = entry;
  const problems = brokenRules<ReproductionRule>(reproduction, [
    [reproduction.entry === entry.id, ["entry"], "entry", entry.id],
    ...(["protocol", "arch", "regs", "source"] as const).map((name): Rule<ReproductionRule> => {
      return [reproduction[name] === result[name], [name], "entry-configuration", "the entry's"];
    }),
    [
      reproduction.challenge !== null,
      ["challenge"],
      "own-challenge",
      "one of its own, as only fresh runs count",
    ],
  ]);
  if (problems.length > 0) return problems;
  const counts = measurementProblems(reproduction, protocol, challenge, entry.id);
  if (counts.length > 0) return counts;
  const expected = reproductionVerdict(result, reproduction, protocol);
  const rule = `${expected}, which its numbers and the entry's give`;
  return brokenRules(reproduction, [
    [reproduction.verdict === expected, ["verdict"], "verdict", rule],
  ]);
}

const QUANTITIES = ["learnedComplexity", "testAccuracy"] as const;

/** Does a reproduction agree with the entry it is about? By the protocol's tolerance, and by what chance allows. */
type ReproducedQuantity = (typeof QUANTITIES)[number];

const SIGNIFICANT = 0.05;

/** Means with the difference allowed between them; null where a run diverged. */
export interface ReproducedNumbers {
  quantity: ReproducedQuantity;
  entry: number | null;
  /** With its 95 % t-interval. */
  reproduction: { mean: number; low: number | null; high: number | null } | null;
  tolerance: number;
  /** Null when these runs leave it open, or a mean is missing. */
  agrees: boolean | null;
}

/**
 * The entry's mean over all its runs beside the mean over the reproducer's own fresh runs: they alone count, as
 * panel runs can be copied.
 */
export function reproducedNumbers(
  entry: Pick<Measurement, "panel" | "fresh">,
  reproduction: Pick<Measurement, "fresh">,
  protocol: Protocol,
): ReproducedNumbers[] {
  return QUANTITIES.map((quantity) => {
    const theirs = valuesOf([...entry.panel, ...entry.fresh], quantity, protocol);
    const ours = valuesOf(reproduction.fresh, quantity, protocol);
    const tolerance = protocol.tolerance[quantity].cap;
    return {
      quantity,
      entry: theirs && tInterval(theirs).mean,
      reproduction: ours && tInterval(ours),
      tolerance,
      agrees: theirs && ours && agreement(theirs, ours, tolerance),
    };
  });
}

/** One value for each run; null where a run has none, or where there is no run. */
function valuesOf(
  runs: readonly Run[],
  quantity: ReproducedQuantity,
  protocol: Protocol,
): number[] | null {
  const values = runs.map((run) => runMetrics(run, protocol)[quantity]);
  const present = values.filter((value) => value !== null);
  return present.length === 0 || present.length < values.length ? null : present;
}

/**
 * Means within the tolerance agree. Beyond it they disagree where Welch's t-test at 5 % tells them apart; where it does
 * not, the runs spread too far to tell, which is neither.
 */
function agreement(theirs: number[], ours: number[], tolerance: number): boolean | null {
  const [a, b] = [sampleOf(ours), sampleOf(theirs)];
  if (Math.abs(a.mean - b.mean) <= tolerance) return true;
  const test = welchTest(a, b);
  return test !== null && test.p < SIGNIFICANT ? false : null;
}

/**
 * `disagree` when one quantity disagrees, `agree` when both agree; otherwise inconclusive, as when a mean is missing on
 * either side.
 */
export function reproductionVerdict(
  entry: Pick<Measurement, "panel" | "fresh">,
  reproduction: Pick<Measurement, "fresh">,
  protocol: Protocol,
): Verdict {
  const agreements = reproducedNumbers(entry, reproduction, protocol).map(({ agrees }) => agrees);
  if (agreements.includes(false)) return "disagree";
  return agreements.every((agrees) => agrees === true) ? "agree" : "inconclusive";
}

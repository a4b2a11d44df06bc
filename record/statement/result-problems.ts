/** @file Every check of a result that needs no database (trust.md section 4), for server and offline reader alike. */

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
import { type Architecture, parseArchitecture } from "../architecture.ts";
import { canonicalJson } from "../canonical-json.ts";
import { type CustomCode, codeProblems, sourceDigest } from "../custom-code.ts";
import { type Protocol, protocolId } from "../protocols.ts";
import { type Regularizers, parseRegularizers } from "../regularizers.ts";
import type { Run } from "../run.ts";
import { type IssuedChallenge, freshSeeds } from "./challenge.ts";
import { type RunRule, countsDigest, wholeRunProblems } from "./run-problems.ts";
import type { Measurement, Reproduction, Result, Verdict } from "./statements.ts";
import { NO_ABLATIONS, canonicalConfiguration } from "../configuration.ts";
import { runMetrics } from "../metrics.ts";
import { sampleOfRuns } from "../least-variance.ts";
import type { Interval } from "../statistics/interval.ts";
import { type Sample, sampleInterval, welchTest } from "../statistics/t-interval.ts";

/** Rules for a configuration: it must be one that is accepted, and be written canonically. */
export type ConfigurationRule = "custom-code" | "configuration" | "canonical-configuration";

/** Rules that tie a statement's runs to public seeds, and to a commitment. */
export type ChallengeRule =
  "panel-seeds" | "fresh-seeds" | "issued-challenge" | "challenge-purpose" | "commitment";

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

/** What was issued under the id that a statement names; null when nothing was; `apart` where it is checked elsewhere. */
type Issued = IssuedChallenge | null | "apart";

/**
 * Those of the first part that has any: seeds and commitment, then one run after the other. Nulls are quadratures, one
 * for each tap and width, so a statement that falls anyhow must not have them computed for all its runs.
 *
 * @param reproduces id of the result that the statement is about; null for a result.
 */
export function measurementProblems(
  statement: Measurement,
  protocol: Protocol,
  challenge: Issued,
  reproduces: string | null,
): Problem<MeasurementRule>[] {
  const id = protocolId(protocol);
  if (statement.protocol !== id)
    return [problemAt(statement, ["protocol"], "protocol", `${id}, the id of ${protocol.name}`)];
  const configuration = configurationProblems({ ...statement, ...codeOf(statement) }, protocol);
  if (configuration.length > 0) return configuration; // the rules of counts read the architecture
  const before = [
    ...harnessProblems(statement, ["harness", "version"], protocol),
    ...(challenge === "apart" ? [] : challengeProblems(statement, protocol, challenge, reproduces)),
  ];
  if (before.length > 0) return before;
  for (const { run, path } of runsOf(statement)) {
    const problems = ownProblems(statement, run, path, protocol);
    if (problems.length > 0) return problems;
  }
  return copyProblems(statement);
}

function ownProblems(statement: Measurement, run: Run, path: Path, protocol: Protocol) {
  const foreign = foreignProblems(statement, run, path);
  const own = wholeRunProblems(run, protocol);
  return [
    ...foreign,
    ...(own.length > 0 ? within(path, own) : shapeProblems(statement, run, path)),
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
  const isAlike = canonicalJson(run.customTaps) === canonicalJson(customTapsOf(statement));
  return brokenRules(statement, [
    ...rules,
    [isAlike, [...path, "customTaps"], "same-configuration", "those of the first run"],
  ]);
}

/** Every run has taps of the same widths, and as many layers. */
function shapeProblems(
  statement: Measurement,
  run: Run,
  path: Path,
): Problem<"same-configuration">[] {
  if (run.controls === null) return [];
  const { run: first } = runsOf(statement).find((other) => other.run.controls !== null)!;
  const rule = `taps of width ${tapWidths(first)}, like the others`;
  const holds = tapWidths(run) === tapWidths(first);
  const counts = runsOf(statement).flatMap((other) => layerCount(other.run) ?? []);
  const layers = `${counts[0] ?? 0} items, like the others`;
  const isAsDeep = (layerCount(run) ?? counts[0]) === counts[0];
  return brokenRules(statement, [
    [holds, [...path, "controls", "null"], "same-configuration", rule],
    [isAsDeep, [...path, "measures", "layers"], "same-configuration", layers],
  ]);
}

const layerCount = ({ measures }: Run): number | null => measures?.layers?.length ?? null;

/** In order of depth; a tap has one width, whatever the n. */
function tapWidths({ controls }: Run): string {
  const widths = new Map((controls?.null ?? []).map(({ tap, width }) => [tap, width]));
  return [...widths.values()].join(", ");
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

/** The digests that a statement's sources stand for, as its commitment names them. */
export function codeOf({
  source,
  regSource,
  panel,
}: Pick<Measurement, "source" | "regSource" | "panel">): CustomCode {
  return {
    source: source && sourceDigest(source),
    regSource: regSource && sourceDigest(regSource),
    customTaps: customTapsOf({ panel }),
  };
}

function customTapsOf({ panel }: Pick<Measurement, "panel">): string[] | null {
  return panel[0]?.customTaps ?? null;
}

/** Empty for one that the protocol knows, that is written canonically, and whose code is what its names say. */
export function configurationProblems(
  statement: { arch: string; regs: string } & CustomCode,
  protocol: Protocol,
): Problem<ConfigurationRule>[] {
  const named = readNames(statement);
  if ("problems" in named) return named.problems;
  const foreign = codeProblems(named.arch, named.regs, statement);
  if (foreign.length > 0)
    return foreign.map(({ member, problem: { rule } }) => {
      return problemAt(statement, placeOf(member, statement), "custom-code", rule);
    });
  const { arch, source, regSource, customTaps } = statement;
  const canonical = (regs: string, regSource: string | null) => {
    const choice = { arch, regs, seeds: protocol.panelSeeds, threads: 1, save: [] };
    const rest = { engine: "cpu", limit: null, ablations: NO_ABLATIONS } as const;
    return canonicalConfiguration(protocol, { ...choice, ...rest, source, regSource, customTaps });
  };
  try {
    canonical("none", null);
  } catch (error) {
    return [problemAt(statement, ["arch"], "configuration", ruleOf(error))];
  }
  try {
    const written = canonical(statement.regs, regSource);
    const rules = (["arch", "regs"] as const).map((name): Rule<"canonical-configuration"> => {
      const rule = `canonical: ${written[name]}`;
      return [written[name] === statement[name], [name], "canonical-configuration", rule];
    });
    return brokenRules(statement, rules);
  } catch (error) {
    return [problemAt(statement, ["regs"], "configuration", ruleOf(error))];
  }
}

/** A commitment has taps itself, a result in its runs. */
function placeOf(member: keyof CustomCode, statement: object): Path {
  return member === "customTaps" && "panel" in statement ? ["panel", 0, member] : [member];
}

type ReadNames =
  { arch: Architecture; regs: Regularizers } | { problems: Problem<"configuration">[] };

function readNames(statement: { arch: string; regs: string }): ReadNames {
  let member: "arch" | "regs" = "arch";
  try {
    const arch = parseArchitecture(statement.arch);
    member = "regs";
    return { arch, regs: parseRegularizers(statement.regs) };
  } catch (error) {
    return { problems: [problemAt(statement, [member], "configuration", ruleOf(error))] };
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
  const length =
    seeds.length === 0 ? "empty" : `${seeds.length} ${seeds.length === 1 ? "run" : "runs"}`;
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
  const code = codeOf(statement);
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
    asCommitted(["source"], code.source, commitment.source),
    asCommitted(["regSource"], code.regSource, commitment.regSource),
    asCommitted(
      ["panel", 0, "customTaps"],
      canonicalJson(code.customTaps),
      canonicalJson(commitment.customTaps),
    ),
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
  challenge: Issued,
): Problem<ReproductionRule>[] {
  const { result } = entry;
  const problems = brokenRules<ReproductionRule>(reproduction, [
    [reproduction.entry === entry.id, ["entry"], "entry", entry.id],
    ...(["protocol", "arch", "regs", "source", "regSource"] as const).map(
      (name): Rule<ReproductionRule> => {
        return [reproduction[name] === result[name], [name], "entry-configuration", "the entry's"];
      },
    ),
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

export const REPRODUCED = ["learnedComplexity", "capacity", "testAccuracy"] as const;
type ReproducedQuantity = (typeof REPRODUCED)[number];

/** Of the difference's interval: it lies inside the tolerance where two one-sided tests at 5 % both reject. */
const EQUIVALENCE_LEVEL = 0.9;

/** Does a reproduction agree with the entry it is about in one quantity? Means and all, null where a run diverged. */
export interface ReproducedNumbers {
  quantity: ReproducedQuantity;
  entry: number | null;
  /** With its 95 % t-interval. */
  reproduction: Interval | null;
  /** Reproduction minus entry, with Welch's 90 % interval; null with fewer than two values on a side, too. */
  difference: { mean: number; low: number; high: number } | null;
  /** min(cap, max(3 standard deviations of the entry's runs, a tenth of its mean, floor)), cap and floor of the protocol. */
  tolerance: number | null;
  /** Is the interval inside the tolerance, or wholly outside? Null when neither. */
  agrees: boolean | null;
  /** Fresh runs that spread as the entry's do would give an interval wider than the tolerance, even about 0. */
  tooNoisy: boolean;
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
  const measure = (runs: readonly Run[]) => runs.map((run) => runMetrics(run, protocol));
  const [entryRuns, freshRuns] = [
    measure([...entry.panel, ...entry.fresh]),
    measure(reproduction.fresh),
  ];
  return REPRODUCED.map((quantity) => {
    const theirs = sampleOfRuns(entryRuns, quantity, protocol);
    const ours = sampleOfRuns(freshRuns, quantity, protocol);
    const test = theirs && ours && welchTest(ours, theirs, EQUIVALENCE_LEVEL);
    const difference = test && { mean: test.difference, low: test.low, high: test.high };
    const tolerance = theirs && toleranceOf(theirs, protocol.tolerance[quantity]);
    return {
      quantity,
      entry: theirs && theirs.mean,
      reproduction: ours && sampleInterval(ours),
      difference,
      tolerance,
      agrees: difference && agreement(difference, tolerance!),
      tooNoisy: theirs !== null && isTooNoisy(theirs, freshRuns.length, tolerance!),
    };
  });
}

function toleranceOf(
  { mean, variance, count }: Sample,
  { cap, floor }: { cap: number; floor: number },
): number {
  const spread = count < 2 ? 0 : 3 * Math.sqrt(variance);
  return Math.min(cap, Math.max(spread, Math.abs(mean) / 10, floor));
}

function agreement(
  { low, high }: { low: number; high: number },
  tolerance: number,
): boolean | null {
  if (low >= -tolerance && high <= tolerance) return true;
  return low > tolerance || high < -tolerance ? false : null;
}

/** @param fresh how many runs a reproduction has. */
function isTooNoisy(entry: Sample, fresh: number, tolerance: number): boolean {
  const expected = welchTest({ ...entry, count: fresh }, entry, EQUIVALENCE_LEVEL);
  return expected === null || expected.high > tolerance;
}

/** `disagree` when one quantity disagrees, `agree` when all agree; otherwise inconclusive. */
export function reproductionVerdict(
  entry: Pick<Measurement, "panel" | "fresh">,
  reproduction: Pick<Measurement, "fresh">,
  protocol: Protocol,
): Verdict {
  const agreements = reproducedNumbers(entry, reproduction, protocol).map(({ agrees }) => agrees);
  if (agreements.includes(false)) return "disagree";
  return agreements.every((agrees) => agrees === true) ? "agree" : "inconclusive";
}

/**
 * @file `rademark/record`: a run's counts, the numbers that follow from them, and checks of what is signed (docs/library.md).
 * Runs in Node, Workers and browsers. Names here keep their meaning while the version begins with the same two numbers.
 */

// Documents: a schema of zod and its type under one name. `Run.parse(value)` throws, `Run.safeParse(value)` tells.
export { Configuration } from "../record/configuration.ts";
export { RunMetrics, RunNumbers } from "../record/metrics-schema.ts";
export { Protocol, findProtocol, protocolId, protocols } from "../record/protocols.ts";
export { Run } from "../record/run.ts";
export { RunMeasures } from "../record/run-measures.ts";
export { Outcome, Summary } from "../record/summary.ts";
export { EntryFile } from "../record/answers/entry-file.ts";
export { Envelope } from "../record/statement/envelope.ts";
export { type Problem, RecordError, problemLine } from "../record/problem.ts";

// From counts to numbers (docs/method.md, sections 4 and 5).
export { tapsOf } from "../record/architecture.ts";
export { memorisedBits, runMetrics } from "../record/metrics.ts";
export {
  type MeasureNumber,
  MEASURE_NUMBERS,
  MEASURE_NUMBER_NAMES,
} from "../record/measure-numbers.ts";
export { normalizedAccuracy } from "../record/normalized-accuracy.ts";
export { outcome, summarize } from "../record/summary.ts";
export { runProblems, wholeRunProblems } from "../record/statement/run-problems.ts";
export { type Counted, leastVariance } from "../record/least-variance.ts";
export { csvText } from "../record/csv.ts";
export { type TidySource, type TidyTable, tidyTables, tidyRecords } from "../record/tidy-tables.ts";

// Random labels and the null.
export { type LabelKind, randomLabels } from "../record/random-label.ts";
export {
  type EquivalentWidth,
  type Leverage,
  cloudOfSpectrum,
  cloudOfWidth,
  equivalentWidth,
  nullAccuracy,
} from "../record/statistics/null-accuracy.ts";

// Statistics over seeds and configurations (docs/trust.md, section 4).
export { Interval } from "../record/statistics/interval.ts";
export {
  type Sample,
  binomialLimits,
  holm,
  mean,
  sampleOf,
  signFlipTest,
  tInterval,
  variance,
  welchTest,
} from "../record/statistics/t-interval.ts";
export { PairedTest, testTogether } from "../record/statistics/paired-tests.ts";
export { tauOf } from "../record/statistics/kendall-tau.ts";
export { type ToldCount, selectivityP } from "../record/statistics/selectivity.ts";

// What is signed, and what stands in a log.
export { canonicalDigest, canonicalJson } from "../record/canonical-json.ts";
export { readStrictJson } from "../record/strict-json.ts";
export { type OpenedEnvelope, openEnvelope } from "../record/statement/envelope.ts";
export { type CheckedEntryFile, verifyEntryFile } from "../record/answers/entry-file.ts";
export {
  type Checkpoint,
  type VerifierKey,
  openCheckpoint,
  parseVerifierKey,
} from "../record/log/checkpoint.ts";
export {
  ConsistencyProof,
  InclusionProof,
  openConsistencyProof,
  openInclusionProof,
} from "../record/log/log-proof.ts";

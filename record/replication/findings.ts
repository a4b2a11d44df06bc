/** @file What came of the replication plan: findings.json, which programs write from the reference runs and pages read. */

import { z } from "zod";
import { Interval } from "../statistics/interval.ts";
import { Digest } from "../run.ts";
import { COMPLEXITIES } from "./explanation.ts";

const Count = z.int().min(0);

/**
 * `holds`, `fails`, `inconclusive`: docs/replication-plan.md. `not yet run`: runs of a cell are missing, which the plan
 * counts as inconclusive as long as they are.
 */
export const Status = z.enum(["holds", "fails", "inconclusive", "not yet run"]);
export type Status = z.infer<typeof Status>;

/** A cell's planned runs, and where they stand. */
const CellRuns = z.strictObject({
  name: z.string(),
  asked: Count,
  found: Count,
  diverged: Count,
  /** Listed results that hold some of them; none: in no log. */
  entries: z.array(Digest),
});

/** One level of what is varied, or one tap. */
const Level = z.strictObject({
  name: z.string(),
  value: Interval.nullable(),
  /** From the level before to this one, positive: as claimed; null of the first. */
  step: Interval.nullable(),
});

const ControlValue = z.strictObject({
  title: z.string(),
  shown: z.enum(["mean", "spread"]),
  /** Not corrected, not tested; of a spread, the standard deviation alone. Null where its cells have no runs. */
  value: Interval.nullable(),
});

export const Verdict = z.strictObject({
  network: z.string(),
  status: Status,
  margin: z.number(),
  /** Null without a test: T1, and where runs are missing or diverged. */
  test: z
    .strictObject({
      mean: z.number(),
      /** At Holm's level. */
      low: z.number().nullable(),
      high: z.number().nullable(),
      /** Of mean = margin, Holm-corrected over the family. */
      p: z.number(),
      /** 1 minus the interval's. */
      level: z.number(),
    })
    .nullable(),
  seeds: z.array(z.strictObject({ seed: Count, value: z.number() })),
  /** Of T1: seeds whose class task differs; null for other claims. */
  differing: z.array(Count).nullable(),
  /** What seeds at odd and at even places took as the best. */
  chosen: z.array(z.strictObject({ odd: z.string(), even: z.string() })),
  levels: z.array(Level),
  controls: z.array(ControlValue),
  cells: z.array(CellRuns),
});
export type Verdict = z.infer<typeof Verdict>;

const Bounded = z.strictObject({
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});

/** Q4; null where runs are missing or diverged. */
const Labellings = z.strictObject({
  network: z.string(),
  seeds: Count,
  redraws: Count,
  /** Variances of A; of the ratio null: not bounded. */
  components: z.strictObject({ labelling: Bounded, seed: Bounded, ratio: Bounded }).nullable(),
  cells: z.array(CellRuns),
});

const complexity = z.enum(COMPLEXITIES);
const Tau = { tau: Interval.nullable(), partial: Interval.nullable(), configurations: Count };

const Explanation = z.strictObject({
  within: z.array(z.strictObject({ network: z.string(), complexity, ...Tau })),
  overAll: z.array(z.strictObject({ complexity, networks: Count, ...Tau })),
  interventions: z.array(
    z.strictObject({
      network: z.string(),
      regs: z.string(),
      changes: z.strictObject({
        learnedComplexity: Interval,
        capacity: Interval,
        gap: Interval,
        testAccuracy: Interval,
      }),
    }),
  ),
});

export const Findings = z.strictObject({
  /** Version of the plan. */
  plan: z.int().min(1),
  alpha: z.number(),
  networks: z.array(z.string()),
  /** Of the reference, whether or not a contrast reads them. */
  runs: z.strictObject({ listed: Count, unlisted: Count, entries: Count }),
  /** Of entries, by another key on other seeds: how many came to which verdict. */
  reproductions: z.strictObject({ agree: Count, disagree: Count, inconclusive: Count }),
  /** For each family how many contrasts Holm's procedure is over, and how many of them could be tested. */
  families: z.array(z.strictObject({ name: z.string(), contrasts: Count, tested: Count })),
  claims: z.array(
    z.strictObject({
      id: z.string(),
      verdicts: z.array(Verdict),
      untestable: z.array(z.strictObject({ networks: z.array(z.string()), reason: z.string() })),
    }),
  ),
  labellings: z.array(Labellings),
  explanation: Explanation,
});
export type Findings = z.infer<typeof Findings>;

/** @file A number of a run, together with the variance that it has at least, as counts move in steps (trust.md section 4). */

import { leastVariance } from "../least-variance.ts";
import type { RunNumbers } from "../metrics-schema.ts";
import type { Protocol } from "../protocols.ts";
import type { Run } from "../run.ts";
import { type Quantity, QUANTITIES, leastVarianceOf, metricsOf, quantityOf } from "./quantities.ts";

export interface Measured {
  /** Null where the run lacks it, as a diverged one does. */
  of: (run: Run, protocol: Protocol) => number | null;
  /** Of one run's value; `run` is any of the cell. */
  least: (run: Run, protocol: Protocol) => number;
}

/** A quantity of the plan, or a number that every record has. */
export function measured(name: Quantity | keyof RunNumbers): Measured {
  if (isOfPlan(name))
    return {
      of: (run, protocol) => quantityOf(name, run, protocol),
      least: (run, protocol) => leastVarianceOf(name, run, protocol),
    };
  return {
    of: (run, protocol) => (run.status === "diverged" ? null : metricsOf(run, protocol)[name]),
    least: ({ trainSamples, testSamples }, { headline }) =>
      leastVariance(name, { headline, trainSamples, testSamples }),
  };
}

const isOfPlan = (name: string): name is Quantity =>
  (QUANTITIES as readonly string[]).includes(name);

/** first minus second. */
export function minus(first: Measured, second: Measured): Measured {
  return {
    of(run, protocol) {
      const [a, b] = [first.of(run, protocol), second.of(run, protocol)];
      return a === null || b === null ? null : a - b;
    },
    least: (run, protocol) => first.least(run, protocol) + second.least(run, protocol),
  };
}

/** @file The reproduction statement: another key's runs of an entry's configuration, and what they say of it. */

import { z } from "zod";
import { Digest } from "../run.ts";
import { MeasurementFields } from "./measurement.ts";

export const Verdict = z.enum(["agree", "disagree", "inconclusive"]);
export type Verdict = z.infer<typeof Verdict>;

export const Reproduction = z.strictObject({
  ...MeasurementFields,
  /** Id of the result reproduced. */
  entry: Digest,
  /** What `reproductionVerdict` says; recomputed, and refused when it differs. */
  verdict: Verdict,
});
export type Reproduction = z.infer<typeof Reproduction>;

/** @file The result statement: the runs of one configuration. It holds counts and no aggregate. */

import { z } from "zod";
import { Digest } from "../run.ts";
import { MeasurementFields } from "./measurement.ts";

export const Result = z.strictObject({
  ...MeasurementFields,
  /** Id of an earlier result of the same key and configuration, which this one replaces. */
  supersedes: Digest.nullable(),
});
export type Result = z.infer<typeof Result>;

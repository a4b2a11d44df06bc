/** @file Parameters that several read routes take. */

import { z } from "zod";
import { Digest } from "../../record/run.ts";
import { digits } from "../../record/strict-json.ts";

export const IdParams = z.strictObject({ id: Digest });

/** Alias or id. */
export const ProtocolParams = z.strictObject({ protocol: z.string().min(1).max(80) });

/** Canonical names are printable ASCII. */
export const ConfigurationText = z
  .string()
  .regex(/^[ -~]+$/)
  .max(2000);

/** Of leaves in a log; digits alone, as in a checkpoint. */
export const LeafCount = digits(0, Number.MAX_SAFE_INTEGER);

export function pageLimit(most: number) {
  return digits(1, most).default(Math.min(50, most));
}

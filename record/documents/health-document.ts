/** @file That a server and its database answer. */

import { z } from "zod";

export const HealthDocument = z.strictObject({
  status: z.literal("ok"),
  log: z.strictObject({ origin: z.string(), size: z.int().min(0) }),
});
export type HealthDocument = z.infer<typeof HealthDocument>;

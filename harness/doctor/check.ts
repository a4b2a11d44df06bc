/** @file What the doctor says of one thing. */

import { z } from "zod";

export const Check = z.strictObject({
  name: z.string(),
  state: z.enum(["ok", "warn", "fail"]),
  /** One plain sentence, or a value. */
  says: z.string(),
  /** The command or the step that mends it. */
  mend: z.string().nullable(),
});
export type Check = z.infer<typeof Check>;

export const DoctorDocument = z.strictObject({
  healthy: z.boolean(),
  checks: z.array(Check),
});
export type DoctorDocument = z.infer<typeof DoctorDocument>;

export const ok = (name: string, says: string): Check => ({ name, state: "ok", says, mend: null });
export const warn = (name: string, says: string, mend: string): Check => ({
  name,
  state: "warn",
  says,
  mend,
});
export const fail = (name: string, says: string, mend: string): Check => ({
  name,
  state: "fail",
  says,
  mend,
});

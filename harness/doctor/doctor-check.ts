/** @file One finding of the doctor. */

import { z } from "zod";

export const DoctorCheck = z.strictObject({
  name: z.string(),
  state: z.enum(["ok", "warn", "fail"]),
  /** One plain sentence. */
  says: z.string(),
  /** The command that fixes it; null where nothing needs fixing. */
  mend: z.string().nullable(),
});
export type DoctorCheck = z.infer<typeof DoctorCheck>;

export const ok = (name: string, says: string): DoctorCheck => ({
  name,
  state: "ok",
  says,
  mend: null,
});

export const warn = (name: string, says: string, mend: string): DoctorCheck => ({
  name,
  state: "warn",
  says,
  mend,
});

export const fail = (name: string, says: string, mend: string): DoctorCheck => ({
  name,
  state: "fail",
  says,
  mend,
});

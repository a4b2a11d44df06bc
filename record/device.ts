/** @file What a run was computed on, in one word. */

import { z } from "zod";

export const DEVICES = ["cpu", "cuda"] as const;
export const Device = z.enum(DEVICES);
export type Device = z.infer<typeof Device>;

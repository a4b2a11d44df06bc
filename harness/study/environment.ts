/** @file The machine and the software that a run was made with: env.json. */

import { join } from "node:path";
import { z } from "zod";
import { readDocument } from "../files.ts";

const Numerics = z.object({
  /** Does a second run give the same bits? */
  deterministic: z.boolean(),
  precision: z.enum(["float32", "tf32"]),
});
type Numerics = z.infer<typeof Numerics>;

export const Environment = z.object({
  /** ISO 8601 time at which the machine was examined. */
  at: z.string(),
  harness: z.string(),
  /** Commit of the checkout, and whether files in it were changed; null outside a checkout. */
  git: z.object({ commit: z.string(), dirty: z.boolean() }).nullable(),
  node: z.string(),
  /** Version of TensorFlow's library; null when it is not known. */
  tensorflow: z.string().nullable(),
  /** How the engine computes; null in folders made before it was recorded. */
  numerics: Numerics.nullable().default(null),
  os: z.string(),
  cpu: z.string(),
  cores: z.number(),
  memoryBytes: z.number(),
  gpus: z.array(
    z.object({ name: z.string(), driver: z.string(), memoryMebibytes: z.number().catch(0) }),
  ),
});
export type Environment = z.infer<typeof Environment>;

/** Unless configured otherwise, a GPU (Ampere or newer) rounds products to TF32 and adds in any order. */
export function describeNumerics(
  engine: "cpu" | "cuda",
  env: Readonly<Record<string, string | undefined>>,
): Numerics {
  if (engine === "cpu") return { deterministic: true, precision: "float32" };
  return {
    deterministic: env.TF_DETERMINISTIC_OPS === "1",
    precision: env.NVIDIA_TF32_OVERRIDE === "0" ? "float32" : "tf32",
  };
}

/** @throws UserError when the file exists but is damaged. */
export function readEnvironment(folder: string): Environment | null {
  return readDocument(join(folder, "env.json"), Environment);
}

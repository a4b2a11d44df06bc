/** @file What `rademark doctor --json` prints: the checks, and the figures behind them. */

import { z } from "zod";
import { DoctorCheck } from "./check.ts";

/** A share: see `stepDistance`. Null when one of the two was not computed, or is not a number. */
const Distance = z.number().nullable();
const bytes = z.number().min(0).nullable();

export const Gpu = z.strictObject({
  name: z.string(),
  driver: z.string(),
  memoryBytes: bytes,
  freeBytes: bytes,
});
export type Gpu = z.infer<typeof Gpu>;

export const FamilyFigures = z.strictObject({
  arch: z.string(),
  /** Recording, loading and running one step; null when it failed. */
  seconds: z.number().nullable(),
  /** The recorded graph against eager execution. */
  eager: Distance,
  /** Against the same step in another process. */
  again: Distance,
  identical: z.boolean(),
  /** The GPU against the CPU; null without a GPU. */
  cpu: Distance,
});
export type FamilyFigures = z.infer<typeof FamilyFigures>;

export const DoctorDocument = z.strictObject({
  /** ISO 8601. */
  at: z.string(),
  /** Version of the harness. */
  harness: z.string(),
  /** False when a check failed; warnings are no failure. */
  healthy: z.boolean(),
  /** What the examination took. */
  seconds: z.number(),
  checks: z.array(DoctorCheck),
  library: z.strictObject({
    asked: z.enum(["cpu", "cuda", "auto"]),
    engine: z.enum(["cpu", "cuda"]),
    /** The addon's file; null when there is none. */
    path: z.string().nullable(),
    /** As the library itself says; null when it does not load. */
    version: z.string().nullable(),
    device: z.enum(["cpu", "gpu"]).nullable(),
    threads: z.int(),
    /** What the library printed, line by line. */
    words: z.array(z.string()),
  }),
  tolerance: z.strictObject({ eager: z.number(), cpu: z.number() }),
  selfTest: z.array(FamilyFigures),
  /** GFLOP/s; null when it could not be measured. */
  rates: z.strictObject({ matmul: z.number().nullable(), convolution: z.number().nullable() }),
  machine: z.strictObject({
    os: z.string(),
    node: z.string(),
    npm: z.string().nullable(),
    processor: z.string(),
    cores: z.int(),
    /** Mean number of running programs in the last minute. */
    load: z.number(),
    memory: z.strictObject({ freeBytes: bytes, totalBytes: bytes }),
    gpus: z.array(Gpu),
    disks: z.array(
      z.strictObject({ name: z.string(), folder: z.string(), freeBytes: bytes, totalBytes: bytes }),
    ),
    /** Seconds: of the file system's clock, and of the wall clock while it was watched. */
    clock: z.strictObject({ files: z.number().nullable(), drift: z.number() }),
    /** Set variables that change numbers or speed. */
    switches: z.record(z.string(), z.string()),
    datasets: z.array(
      z.strictObject({ name: z.string(), state: z.enum(["cached", "missing", "damaged"]) }),
    ),
  }),
});
export type DoctorDocument = z.infer<typeof DoctorDocument>;

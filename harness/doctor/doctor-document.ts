/** @file What `rademark doctor --json` prints: the checks, and the figures behind them. */

import { z } from "zod";
import { DoctorCheck } from "./doctor-check.ts";

/** A relative distance: see `stepDistance`. Null when one side could not be computed, or is not a number. */
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
  /** Time to record, load and run one step; null when that failed. */
  seconds: z.number().nullable(),
  /** Distance of the recorded graph from eager execution. */
  eager: Distance,
  /** Distance from the same step in another process. */
  again: Distance,
  identical: z.boolean(),
  /** Distance of the GPU from the CPU; null without a GPU. */
  cpu: Distance,
});
export type FamilyFigures = z.infer<typeof FamilyFigures>;

export const DoctorDocument = z.strictObject({
  /** ISO 8601. */
  at: z.string(),
  /** Version of the harness. */
  harness: z.string(),
  /** False when a check failed; warnings are not failures. */
  healthy: z.boolean(),
  /** Duration of the examination. */
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
    /** Seconds by which the file system's clock is ahead, and by which the wall clock drifted while watched. */
    clock: z.strictObject({ files: z.number().nullable(), drift: z.number() }),
    /** Environment variables that are set and change numbers or speed. */
    switches: z.record(z.string(), z.string()),
    datasets: z.array(
      z.strictObject({ name: z.string(), state: z.enum(["cached", "missing", "damaged"]) }),
    ),
  }),
});
export type DoctorDocument = z.infer<typeof DoctorDocument>;

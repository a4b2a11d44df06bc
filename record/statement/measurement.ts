/** @file What results and reproductions share: the runs of one configuration and what they were made on. */

import { z } from "zod";
import { Device } from "../device.ts";
import { Digest, Run } from "../run.ts";
import { PublicKey } from "../signature/ed25519.ts";
import { Line, SourceText } from "./text.ts";

/** As the statement's signer declares it; nobody can check it. */
export const Engine = z.strictObject({
  /** Name and version, such as `tensorflow 2.21.0`. */
  library: Line,
  device: Device,
  /** Does a second run give the same bits? */
  deterministic: z.boolean(),
  precision: z.enum(["float32", "tf32", "mixed-float16", "mixed-bfloat16"]),
});
export type Engine = z.infer<typeof Engine>;

export const Harness = z.strictObject({
  version: z
    .string()
    .regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/)
    .max(20),
  /** Of the checkout, and whether files in it were changed; null outside a checkout. */
  git: z
    .strictObject({ commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/), dirty: z.boolean() })
    .nullable(),
});
export type Harness = z.infer<typeof Harness>;

export const Machine = z.strictObject({
  os: Line,
  cpu: Line,
  /** Logical processors, and how many threads one run used. */
  cores: z.int().min(1).max(65_536),
  threads: z.int().min(1).max(65_536),
  memoryBytes: z.int().min(0),
  gpus: z.array(Line).max(64),
});
export type Machine = z.infer<typeof Machine>;

/** What is trained; its protocol fixes everything else but the seed. */
export const ConfigurationFields = {
  protocol: Digest,
  /** Canonical, as `canonicalConfiguration` writes them. */
  arch: z.string().max(200),
  regs: z.string().max(200),
};

const Runs = z.array(Run).max(64);

export const MeasurementFields = {
  /** The signer. */
  key: PublicKey,
  ...ConfigurationFields,
  /** Of a custom architecture; null for one that `arch` names, and none other is taken yet. */
  source: SourceText.nullable(),
  /** Id of the challenge, which is that of its commitment; null without one. */
  challenge: Digest.nullable(),
  /** On the protocol's public seeds, in its order. */
  panel: Runs,
  /** On the challenge's seeds, in its order; empty without one. */
  fresh: Runs,
  engine: Engine,
  machine: Machine,
  harness: Harness,
};

export const Measurement = z.object(MeasurementFields);
export type Measurement = z.infer<typeof Measurement>;

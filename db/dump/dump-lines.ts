/** @file The lines of a dump: a header, one line for each leaf, one for each display name. */

import { z } from "zod";
import { LogEntry } from "../../record/log/log-proof.ts";
import { Digest } from "../../record/run.ts";
import { PublicKey } from "../../record/signature/ed25519.ts";

export const DumpHeader = z.strictObject({
  rademark: z.literal("dump"),
  version: z.literal(1),
  origin: z.string(),
  /** `ORIGIN+KEYID+KEY`: every checkpoint is signed by it. */
  verifierKey: z.string(),
  /** Leaves. */
  size: z.int().min(0),
  /** Over all of them. */
  checkpoint: z.string(),
});
export type DumpHeader = z.infer<typeof DumpHeader>;

export const DumpLeaf = z.strictObject({
  index: z.int().min(0),
  kind: LogEntry.shape.kind,
  digest: Digest,
  at: z.iso.datetime(),
  checkpoint: z.string(),
  /** Text of the exact bytes. */
  body: z.string(),
});
export type DumpLeaf = z.infer<typeof DumpLeaf>;

export const DumpName = z.strictObject({
  name: z.strictObject({ key: PublicKey, name: z.string().nullable(), at: z.iso.datetime() }),
});
export type DumpName = z.infer<typeof DumpName>;

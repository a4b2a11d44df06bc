/** @file The format of a dump: a header, one line for each leaf, one line for each display name. */

import { z } from "zod";
import { LogEntry } from "./log-proof.ts";
import { Digest } from "../run.ts";
import { PublicKey } from "../signature/ed25519.ts";

/** The first line. */
export const DumpHeader = z.strictObject({
  rademark: z.literal("dump"),
  version: z.literal(1),
  origin: z.string(),
  /** `ORIGIN+KEYID+KEY`: every checkpoint is signed by it. */
  verifierKey: z.string(),
  /** How many leaves follow, one a line. */
  size: z.int().min(0),
  /** Signed over all of them. */
  checkpoint: z.string(),
});
export type DumpHeader = z.infer<typeof DumpHeader>;

/** One line for each leaf, in the log's order. */
export const DumpLeaf = z.strictObject({
  index: z.int().min(0),
  kind: LogEntry.shape.kind,
  digest: Digest,
  at: z.iso.datetime(),
  checkpoint: z.string(),
  /** The leaf's exact bytes, as text; of a withheld statement `{"withheld":"ID"}`, ID being quarantined in this log. */
  body: z.string(),
});
export type DumpLeaf = z.infer<typeof DumpLeaf>;

/** After the leaves, in the order of the keys. The name is null where an operator erased it. */
export const DumpName = z.strictObject({
  name: z.strictObject({ key: PublicKey, name: z.string().nullable(), at: z.iso.datetime() }),
});
export type DumpName = z.infer<typeof DumpName>;

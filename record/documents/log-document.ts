/** @file A page of the log's newest leaves. */

import { z } from "zod";
import { LogEntry } from "../log/log-entry.ts";
import { Digest } from "../run.ts";
import { Moderation } from "../statement/moderation.ts";
import { Reason } from "../statement/text.ts";

export const MOST_LEAVES = 200;

export const LOG_KINDS = LogEntry.shape.kind.options;

/** One kind of leaf or several, separated by commas. */
export const LogKinds = z
  .string()
  .regex(new RegExp(`^(${LOG_KINDS.join("|")})(,(${LOG_KINDS.join("|")}))*$`))
  .max(200);

export const LogLeaf = z.strictObject({
  ...LogEntry.shape,
  index: z.int().min(0),
  /** When the log took it. */
  at: z.iso.datetime(),
  /** Of a moderation or a retraction, in its signer's words; null of everything else. */
  reason: Reason.nullable(),
  /** What a moderation decided; null of everything else. */
  action: Moderation.shape.action.nullable(),
  /** What a moderation or a retraction is about: a statement, or a key; null of everything else. */
  subject: Digest.nullable(),
  /** The entry that it is, measures again, withdraws or decides about; null of everything else. */
  entry: Digest.nullable(),
});
export type LogLeaf = z.infer<typeof LogLeaf>;

export const LogPage = z.strictObject({
  /** Leaves in the log. */
  size: z.int().min(0),
  /** Newest first. */
  leaves: z.array(LogLeaf),
  /** For `before`; null on the last page. */
  next: z.int().nullable(),
});
export type LogPage = z.infer<typeof LogPage>;

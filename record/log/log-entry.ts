/** @file What stands in the log: digests only, so that nothing personal can be in it for good. */

import { utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { Digest } from "../run.ts";
import { leafHash } from "./merkle-tree.ts";

export const LogEntry = z.strictObject({
  kind: z.enum([
    "key",
    "challenge",
    "outcome",
    "result",
    "reproduction",
    "retraction",
    "moderation",
  ]),
  /** A statement's id; of what the server itself says, SHA-256 of the document's RFC 8785 form. */
  digest: Digest,
});
export type LogEntry = z.infer<typeof LogEntry>;

/** The entry as the tree hashes it and entry bundles carry it. */
export function logEntryBytes(entry: LogEntry): Uint8Array {
  return utf8ToBytes(canonicalJson(LogEntry.parse(entry)));
}

export function logEntryHash(entry: LogEntry): Uint8Array {
  return leafHash(logEntryBytes(entry));
}

/** What a submitter gets back, always the same for the same statement. */
export const Receipt = z.strictObject({
  /** Of the statement. */
  id: Digest,
  /** Of its leaf, from 0. */
  index: z.int().min(0),
  /** A signed note over a tree that holds the leaf. */
  checkpoint: z.string().max(4096),
});
export type Receipt = z.infer<typeof Receipt>;

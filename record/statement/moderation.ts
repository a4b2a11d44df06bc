/** @file A decision of the server's operator: public, signed, with its reason. Nothing is deleted by it. */

import { z } from "zod";
import { Digest } from "../run.ts";
import { PublicKey } from "../signature/ed25519.ts";
import { Reason } from "./text.ts";

export const Moderation = z.strictObject({
  /** The operator's. */
  key: PublicKey,
  /** A `name` is erased from a key; the other actions are about an entry, a reproduction, or a protocol. */
  action: z.enum(["quarantine", "unquarantine", "note", "erase-name"]),
  /** Id of a result, a reproduction or a protocol; of `erase-name`, the public key that bears the name. */
  subject: Digest,
  reason: Reason,
  at: z.iso.datetime(),
});
export type Moderation = z.infer<typeof Moderation>;

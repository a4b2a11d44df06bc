/** @file What a key says of itself. Display names stand beside signed bytes, never in them, so they can be erased. */

import { z } from "zod";
import { Digest } from "../run.ts";
import { PublicKey } from "../signature/ed25519.ts";
import { Reason } from "./text.ts";

const at = z.iso.datetime();

export const KeyStatement = z.discriminatedUnion("action", [
  /** Proof of possession. */
  z.strictObject({ action: z.literal("register"), key: PublicKey, at }),
  /** Signed by both: the old key names its successor, the new one shows that it is held. */
  z.strictObject({ action: z.literal("rotate"), key: PublicKey, next: PublicKey, at }),
  /** Nothing signed from this time on counts. */
  z.strictObject({
    action: z.literal("revoke"),
    key: PublicKey,
    from: z.iso.datetime(),
    reason: Reason,
    at,
  }),
  /**
   * Authorises a display name, or its removal (null): SHA-256 of its UTF-8 bytes. Neither stored nor logged;
   * only one later than the last is accepted.
   */
  z.strictObject({ action: z.literal("name"), key: PublicKey, name: Digest.nullable(), at }),
]);
export type KeyStatement = z.infer<typeof KeyStatement>;

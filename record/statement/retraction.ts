/** @file The retraction: a signer takes back a statement of their own. It stays visible, with the reason. */

import { z } from "zod";
import { Digest } from "../run.ts";
import { PublicKey } from "../signature/ed25519.ts";
import { Reason } from "./text.ts";

export const Retraction = z.strictObject({
  key: PublicKey,
  /** Id of a result, of a reproduction, or of a commitment, whose challenge has then failed for this reason. */
  statement: Digest,
  reason: Reason,
});
export type Retraction = z.infer<typeof Retraction>;

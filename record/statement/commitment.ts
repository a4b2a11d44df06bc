/** @file The commitment: what will be trained, signed before anybody can know the fresh seeds. */

import { z } from "zod";
import { Digest } from "../run.ts";
import { PublicKey } from "../signature/ed25519.ts";
import { ConfigurationFields, Harness } from "./measurement.ts";

export const Commitment = z.strictObject({
  key: PublicKey,
  ...ConfigurationFields,
  /** SHA-256 of the UTF-8 source text of a custom architecture; null for one that `arch` names. */
  source: Digest.nullable(),
  harness: Harness.shape.version,
  /** Id of the result to be reproduced; null for a result of one's own. */
  reproduces: Digest.nullable(),
  /** 32 random bytes, so that each commitment to the same configuration has an id of its own. */
  unique: Digest,
});
export type Commitment = z.infer<typeof Commitment>;

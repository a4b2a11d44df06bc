/** @file The protocols that a server has boards for. */

import { z } from "zod";
import { ProtocolFields } from "../protocol-fields.ts";
import { Digest } from "../run.ts";
import { Reason } from "../statement/text.ts";

export const ProtocolDocument = z.strictObject({
  /** SHA-256 of the document's RFC 8785 form. */
  id: Digest,
  document: ProtocolFields,
});
export type ProtocolDocument = z.infer<typeof ProtocolDocument>;

export const ProtocolList = z.strictObject({
  protocols: z.array(
    z.strictObject({
      id: Digest,
      name: z.string(),
      dataset: z.string(),
      /** On its board, those that are hidden included. */
      entries: z.int().min(0),
      /** The operator's reason to take nothing more for it; null while it is open. */
      quarantine: Reason.nullable(),
    }),
  ),
});
export type ProtocolList = z.infer<typeof ProtocolList>;

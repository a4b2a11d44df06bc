/** @file The ids that begin with some digits. */

import { z } from "zod";
import { LogEntry } from "../log/log-proof.ts";
import { Digest } from "../run.ts";
import { ShortId } from "../canonical-json.ts";

export const MOST_IDS = 20;

export const IdsDocument = z.strictObject({
  prefix: ShortId,
  ids: z
    .array(
      z.strictObject({
        /** In full. */
        id: Digest,
        /** A leaf's, with `challenge` for a commitment as well; else what is no statement. */
        kind: z.enum([...LogEntry.shape.kind.options, "protocol", "public-key"]),
      }),
    )
    .max(MOST_IDS),
  /** Are there others? */
  more: z.boolean(),
});
export type IdsDocument = z.infer<typeof IdsDocument>;
export type IdKind = IdsDocument["ids"][number]["kind"];

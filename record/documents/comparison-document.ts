/** @file Two to five entries of one board side by side. */

import { z } from "zod";
import { BoardRow } from "../board/board-row.ts";
import { Comparison } from "../comparison.ts";
import { MOST_COMPARED } from "../most-compared.ts";
import { Digest } from "../run.ts";

export { MOST_COMPARED };

export const ComparisonDocument = z.strictObject({
  protocol: z.strictObject({ id: Digest, name: z.string() }),
  /** In the order asked for; `a` and `b` of a comparison are places in it. */
  rows: z.array(BoardRow).min(2).max(MOST_COMPARED),
  comparisons: z.array(Comparison),
});
export type ComparisonDocument = z.infer<typeof ComparisonDocument>;

/** @file Two to five entries of one board side by side. */

import { z } from "zod";
import { BoardRow } from "../board/board-row.ts";
import { Comparison } from "../comparison.ts";
import { Difference } from "../conditions.ts";
import { MOST_COMPARED } from "../most-compared.ts";
import { Digest } from "../run.ts";

export { MOST_COMPARED };

export const ComparisonDocument = z.strictObject({
  protocol: z.strictObject({ id: Digest, name: z.string() }),
  /** In the order asked for; `a` and `b` of a comparison are places in it. */
  rows: z.array(BoardRow).min(2).max(MOST_COMPARED),
  /** What decides numbers and is not the same in all of them, as their signers declare it. */
  differences: z.array(Difference),
  comparisons: z.array(Comparison),
});
export type ComparisonDocument = z.infer<typeof ComparisonDocument>;

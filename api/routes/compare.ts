/** @file GET /v1/compare?entries=a,b */

import { z } from "zod";
import { findRows, resultOf } from "../../db/read/entry-document.ts";
import { comparedEntries } from "../../record/compared-entries.ts";
import { ComparisonDocument, MOST_COMPARED } from "../../record/documents/entry-document.ts";
import { Digest } from "../../record/run.ts";
import { Refusal } from "../problem.ts";
import { refuseParameter } from "../read/read-parameters.ts";
import { JSON_TYPE, jsonAnswer, readRoute } from "../read/read-route.ts";

const Ids = z.array(Digest).min(2).max(MOST_COMPARED);
const RULE = `2 to ${MOST_COMPARED} different ids of entries of one protocol, separated by commas`;

export const compare = readRoute({
  path: "/v1/compare",
  tag: "entries",
  summary: "Two to five entries of one board: paired differences over the panel's seeds",
  query: z.strictObject({ entries: z.string().max(400) }),
  answers: { [JSON_TYPE]: ComparisonDocument },
  respond: async ({ query, db }) => {
    const ids = Ids.safeParse(query.entries.split(","));
    if (!ids.success || new Set(ids.data).size < ids.data.length)
      throw refuseParameter("entries", RULE, query.entries);
    const rows = await findRows(await db(), ids.data);
    if (rows.length < ids.data.length)
      throw new Refusal("not-found", "One of these entries is not here.");
    if (new Set(rows.map(({ protocol }) => protocol)).size > 1)
      throw refuseParameter("entries", RULE, query.entries);
    return jsonAnswer(
      comparedEntries(rows.map((found) => ({ row: found.row, result: resultOf(found) }))),
    );
  },
});

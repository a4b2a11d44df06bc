/** @file GET /v1/receipts/:id */

import { findReceipt } from "../../db/read/log-page.ts";
import { Receipt } from "../../record/log/log-proof.ts";
import { found } from "../read/found.ts";
import { IdParams } from "../read/parameters.ts";
import { JSON_TYPE, jsonAnswer, readRoute } from "../read/read-route.ts";

export const receipts = readRoute({
  path: "/v1/receipts/{id}",
  tag: "log",
  summary: "The receipt of any accepted statement",
  params: IdParams,
  answers: { [JSON_TYPE]: Receipt },
  respond: async ({ params, db }) =>
    jsonAnswer(found(await findReceipt(await db(), params.id), "statement")),
});

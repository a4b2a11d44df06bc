/** @file GET /v1/measures/:protocol */

import { boardMeasures } from "../../db/read/board-measures.ts";
import { MeasuresDocument } from "../../record/documents/measures-document.ts";
import { knownProtocol } from "../read/known-protocol.ts";
import { ProtocolParams } from "../read/parameters.ts";
import { JSON_TYPE, jsonAnswer, readRoute } from "../read/read-route.ts";

export const measures = readRoute({
  path: "/v1/measures/{protocol}",
  tag: "boards",
  summary: "Which measures order the generalization gap over a board's entries",
  params: ProtocolParams,
  answers: { [JSON_TYPE]: MeasuresDocument },
  maxAge: 60,
  keptSeconds: 60,
  respond: async ({ params, db }) =>
    jsonAnswer(await boardMeasures(await db(), knownProtocol(params.protocol))),
});

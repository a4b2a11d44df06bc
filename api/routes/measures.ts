/** @file GET /v1/measures/:protocol */

import { boardDocument } from "../../db/board/documents/board-documents.ts";
import { MeasuresDocument } from "../../record/documents/entry-document.ts";
import { knownProtocol } from "../read/known-protocol.ts";
import { ProtocolParams } from "../read/parameters.ts";
import { JSON_TYPE, readRoute } from "../read/read-route.ts";

export const measures = readRoute({
  path: "/v1/measures/{protocol}",
  tag: "boards",
  summary: "Which measures order the generalization gap over a board's entries",
  params: ProtocolParams,
  answers: { [JSON_TYPE]: MeasuresDocument },
  atOneMoment: true,
  maxAge: 60,
  respond: async ({ params, db }) => {
    const protocol = knownProtocol(params.protocol);
    return { type: JSON_TYPE, body: await boardDocument(await db(), "measures", protocol) };
  },
});

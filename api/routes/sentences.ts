/** @file GET /v1/boards/:protocol/sentences */

import { boardDocument } from "../../db/board/documents/board-documents.ts";
import { SentencesDocument } from "../../record/documents/entry-document.ts";
import { knownProtocol } from "../read/known-protocol.ts";
import { ProtocolParams } from "../read/parameters.ts";
import { JSON_TYPE, readRoute } from "../read/read-route.ts";

export const sentences = readRoute({
  path: "/v1/boards/{protocol}/sentences",
  tag: "boards",
  summary: "What a board's paired tests allow to be said of each regularizer",
  params: ProtocolParams,
  answers: { [JSON_TYPE]: SentencesDocument },
  atOneMoment: true,
  maxAge: 5,
  respond: async ({ params, db }) => {
    const protocol = knownProtocol(params.protocol);
    return { type: JSON_TYPE, body: await boardDocument(await db(), "sentences", protocol) };
  },
});

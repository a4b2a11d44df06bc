/** @file GET /v1/boards/:protocol/sentences */

import { boardSentences } from "../../db/read/board-sentences.ts";
import { SentencesDocument } from "../../record/documents/sentences-document.ts";
import { knownProtocol } from "../read/known-protocol.ts";
import { ProtocolParams } from "../read/parameters.ts";
import { JSON_TYPE, jsonAnswer, readRoute } from "../read/read-route.ts";

export const sentences = readRoute({
  path: "/v1/boards/{protocol}/sentences",
  tag: "boards",
  summary: "What a board's paired tests allow to be said of each regularizer",
  params: ProtocolParams,
  answers: { [JSON_TYPE]: SentencesDocument },
  maxAge: 5,
  keptSeconds: 5,
  respond: async ({ params, db }) =>
    jsonAnswer(await boardSentences(await db(), knownProtocol(params.protocol))),
});

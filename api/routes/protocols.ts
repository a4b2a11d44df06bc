/** @file GET /v1/protocols and /v1/protocols/:protocol */

import { readBoard } from "../../db/board/board-page.ts";
import { decisionsOn } from "../../db/index/standings.ts";
import { ProtocolDocument, ProtocolList } from "../../record/documents/entry-document.ts";
import { knownProtocol, publishedProtocols } from "../read/known-protocol.ts";
import { ProtocolParams } from "../read/parameters.ts";
import { JSON_TYPE, jsonAnswer, readRoute } from "../read/read-route.ts";

const tag = "protocols";

const list = readRoute({
  path: "/v1/protocols",
  tag,
  summary: "The protocols that this server has boards of",
  answers: { [JSON_TYPE]: ProtocolList },
  atOneMoment: true,
  respond: async ({ db }) => {
    const reader = await db();
    const decided = await decisionsOn(
      reader,
      publishedProtocols.map(({ id }) => id),
    );
    const protocols: ProtocolList["protocols"] = [];
    for (const { id, document } of publishedProtocols) {
      const { entries } = await readBoard(reader, id);
      const { name, dataset } = document;
      protocols.push({ id, name, dataset, entries, quarantine: decided(id).quarantine });
    }
    return jsonAnswer({ protocols } satisfies ProtocolList);
  },
});

const one = readRoute({
  path: "/v1/protocols/{protocol}",
  tag,
  summary: "A protocol's document with its id",
  params: ProtocolParams,
  answers: { [JSON_TYPE]: ProtocolDocument },
  follows: "fixed",
  respond: ({ params }) => Promise.resolve(jsonAnswer(knownProtocol(params.protocol))),
});

export const protocols = [list, one];

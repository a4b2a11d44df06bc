/** @file GET /v1/boards/:protocol */

import { type PageRequest, boardPage, parseCursor } from "../../db/board/board-page.ts";
import { BoardPage, BoardQuery, parseStates } from "../../record/board/board-row.ts";
import { HIDDEN_STATES, STATES, type State } from "../../record/board/standing.ts";
import { knownProtocol } from "../read/known-protocol.ts";
import { ConfigurationText, ProtocolParams } from "../read/parameters.ts";
import { refuseParameter } from "../read/read-parameters.ts";
import { JSON_TYPE, jsonAnswer, readRoute } from "../read/read-route.ts";

export const boards = readRoute({
  path: "/v1/boards/{protocol}",
  tag: "boards",
  summary: "A page of a board: rows with intervals, tiers and states",
  params: ProtocolParams,
  query: BoardQuery.extend({
    arch: ConfigurationText.optional(),
    regs: ConfigurationText.optional(),
  }),
  answers: { [JSON_TYPE]: BoardPage },
  atOneMoment: true,
  respond: async ({ params, query, db }) => {
    const { id, document } = knownProtocol(params.protocol);
    const request = pageRequest(query);
    return jsonAnswer(await boardPage(await db(), { id, name: document.name }, request));
  },
});

function pageRequest({ sort, order, limit, after, ...filters }: BoardQuery): PageRequest {
  const cursor = after === undefined ? null : parseCursor({ sort, order }, after);
  if (after !== undefined && cursor === null)
    throw refuseParameter("after", "`next` of a page in the same order", after);
  return {
    ...{ sort, order, limit, cursor },
    filters: {
      states: statesIn(filters.state),
      archs: filters.arch?.split(",") ?? null,
      regs: filters.regs?.split(";") ?? null,
      key: filters.key ?? null,
      device: filters.device ?? null,
    },
  };
}

const SHOWN = STATES.filter((state) => !(HIDDEN_STATES as readonly State[]).includes(state));

function statesIn(text: string | undefined): readonly State[] {
  if (text === undefined) return SHOWN;
  const states = parseStates(text);
  if (states === null) throw refuseParameter("state", `of ${STATES.join(", ")}`, text);
  return [...new Set(states)];
}

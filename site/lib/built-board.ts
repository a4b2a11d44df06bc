/** @file A board as the build knows it: all of its rows, hidden states too. */

import type { BoardPage, BoardRow } from "../../record/board/board-row.ts";
import { HIDDEN_STATES } from "../../record/board/states.ts";
import { findProtocol, protocolId } from "../../record/protocols.ts";
import { type BoardModel, emptyBoardModel } from "../view/board/board-model.ts";
import { leading } from "../view/board/leading-sentences.ts";
import { buildApi, known } from "./build-api.ts";
import type { Query } from "./api.ts";

const kept = new Map<string, Promise<BoardModel>>();

/** Asked for once a build, however many pages show it. */
export function builtBoard(name: string): Promise<BoardModel> {
  const model = kept.get(name) ?? readBoard(name);
  kept.set(name, model);
  return model;
}

async function readBoard(name: string): Promise<BoardModel> {
  const first = await known(buildApi.board(name, { limit: 200 }));
  if (first === null) return emptyModel(name);
  const rows = await allRows(name, {}, first);
  const isAnyHidden = HIDDEN_STATES.some((state) => first.hidden[state] > 0);
  const hidden = isAnyHidden ? await allRows(name, { state: HIDDEN_STATES.join(",") }, null) : [];
  const said = await known(buildApi.sentences(name));
  const { protocol, total, logSize } = first;
  return {
    protocol,
    rows: [...rows, ...hidden],
    total,
    hidden: first.hidden,
    logSize,
    ranked: "complexity",
    sentences: said === null ? [] : leading(said),
  };
}

async function allRows(name: string, query: Query, first: BoardPage | null): Promise<BoardRow[]> {
  const rows = [...(first?.rows ?? [])];
  let after = first === null ? undefined : first.next;
  while (after !== null) {
    const page = await known(buildApi.board(name, { ...query, limit: 200, after }));
    rows.push(...(page?.rows ?? []));
    after = page?.next ?? null;
  }
  return rows;
}

function emptyModel(name: string): BoardModel {
  const protocol = { id: protocolId(findProtocol(name)), name };
  return emptyBoardModel(protocol);
}

/** @file GET /v1/boards/:protocol */

import { stringify } from "csv-stringify/sync";
import { z } from "zod";
import { type PageRequest, boardPage, parseCursor, readBoard } from "../../db/board/board-page.ts";
import { CONTROL_NUMBERS, RANKED } from "../../record/board/board-columns.ts";
import { BoardPage, BoardQuery, type BoardRow, parseStates } from "../../record/board/board-row.ts";
import { HIDDEN_STATES, STATES, type State } from "../../record/board/standing.ts";
import {
  ConfigurationText,
  JSON_TYPE,
  ProtocolParams,
  jsonAnswer,
  knownProtocol,
  publishedProtocols,
  readRoute,
  refuseParameter,
} from "./read-route.ts";
import { boardRows } from "../../db/read/entry-document.ts";
import type { Reader } from "../../db/db.ts";
import { csvNames } from "../../record/csv.ts";
import { datasetLabel } from "../../record/datasets.ts";
import type { Estimate } from "../../record/summary.ts";
import { boardDocument } from "../../db/read/board-documents.ts";
import {
  MeasuresDocument,
  ProtocolDocument,
  ProtocolList,
  SentencesDocument,
} from "../../record/answers/documents.ts";
import { decisionsOn } from "../../db/project/standings.ts";

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

function pageRequest(query: BoardQuery): PageRequest {
  const { sort, order, limit, after, custom, ...filters } = query;
  const cursor = after === undefined ? null : parseCursor({ sort, order }, after);
  if (after !== undefined && cursor === null)
    throw refuseParameter("after", "`next` of a page in the same order", after);
  return {
    ...{ sort, order, limit, custom, cursor },
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

type Cell = string | number | null;

const NUMBERS = [...RANKED, ...CONTROL_NUMBERS];

const HEAD = [
  ...["entry", "state", "arch", "regs", "custom", "params", "key", "name", "runs", "divergence"],
  ...[...NUMBERS.flatMap(csvNames), "equivalentWidthBound", "selectivityP"],
  ...["agree", "disagree", "inconclusive", "challengesCompleted", "challengesIssued", "notes"],
  ...["device", "library", "cpu", "receivedAt", "counted", "representedBy"],
  ...["challengeHolders", "challengesAbandoned", "ownChallengesCompleted", "ownChallengesIssued"],
  "ownChallengesAbandoned",
  ...["disputedFor", "weighs", "sameCountsAs", "source", "regSource"],
];

/** Yields some hundred lines at a time, of every entry, hidden ones as well. */
export async function* boardCsv(db: Reader, protocol: string): AsyncGenerator<string> {
  yield csv([HEAD]);
  for await (const rows of boardRows(db, protocol)) yield csv(rows.map(({ row }) => cells(row)));
}

/** An apostrophe is put before text that a spreadsheet would take for a formula. */
function csv(records: readonly (readonly Cell[])[]): string {
  return stringify([...records.map((each) => [...each])], {
    escape_formulas: true,
    record_delimiter: "windows", // RFC 4180
  });
}

function cells(row: BoardRow): Cell[] {
  const { standing, numbers } = row;
  const { agree, disagree, inconclusive } = standing.reproductions;
  const { byKey, byAnybody } = standing.challenges;
  const { completed, issued } = byAnybody;
  const abandoned = standing.challengers?.abandoned;
  return [
    ...[row.entry, standing.state, row.arch, row.regs, row.custom ? "yes" : "no", row.params],
    ...[row.signer.key, row.signer.name, row.panel + row.fresh, row.divergence],
    ...NUMBERS.flatMap((name) => estimate(numbers[name])),
    ...[row.equivalentWidthBound, row.selectivityP],
    ...[agree, disagree, inconclusive, completed, issued],
    ...[row.notes.map(({ kind }) => kind).join(" ")],
    ...[row.engine.device, row.engine.library, row.machine.cpu, row.receivedAt],
    ...[row.counted ? "yes" : "no", row.representedBy],
    ...[standing.challengers?.holders ?? null, abandoned?.byAnybody ?? null],
    ...[byKey.completed, byKey.issued, abandoned?.byKey ?? null],
    ...[standing.disputedFor.join(" "), standing.weighs ? "yes" : "no", standing.sameCountsAs],
    ...[row.code?.source ?? null, row.code?.regSource ?? null],
  ];
}

function estimate(value: Estimate): Cell[] {
  return value === null ? [null, null, null] : [value.mean, value.low, value.high];
}

/** Whether statistics weigh custom code among the others: not unless asked. */
const CustomQuery = z.strictObject({ custom: z.literal("ranked").optional() });

/** GET /v1/measures/:protocol */
export const measures = readRoute({
  path: "/v1/measures/{protocol}",
  tag: "boards",
  summary: "Which measures order the generalization gap over a board's entries",
  params: ProtocolParams,
  query: CustomQuery,
  answers: { [JSON_TYPE]: MeasuresDocument },
  atOneMoment: true,
  maxAge: 60,
  respond: async ({ params, query, db }) => {
    const protocol = knownProtocol(params.protocol);
    const body = await boardDocument(await db(), "measures", protocol, query.custom === "ranked");
    return { type: JSON_TYPE, body };
  },
});

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
      const { quarantine } = decided(id);
      protocols.push({
        id,
        name: document.name,
        dataset: datasetLabel(document),
        entries,
        quarantine,
      });
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

/** GET /v1/protocols and /v1/protocols/:protocol */
export const protocols = [list, one];

/** GET /v1/boards/:protocol/sentences */
export const sentences = readRoute({
  path: "/v1/boards/{protocol}/sentences",
  tag: "boards",
  summary: "What a board's paired tests allow to be said of each regularizer",
  params: ProtocolParams,
  query: CustomQuery,
  answers: { [JSON_TYPE]: SentencesDocument },
  atOneMoment: true,
  maxAge: 5,
  respond: async ({ params, query, db }) => {
    const protocol = knownProtocol(params.protocol);
    const body = await boardDocument(await db(), "sentences", protocol, query.custom === "ranked");
    return { type: JSON_TYPE, body };
  },
});

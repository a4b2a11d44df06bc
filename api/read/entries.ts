/** @file GET /v1/entries/:id, and what an entry rests on. */

import { html } from "hono/html";
import { z } from "zod";
import { logSize } from "../../db/append-leaf.ts";
import type { Reader } from "../../db/db.ts";
import {
  type FoundRow,
  findEntry,
  findRow,
  findRows,
  findRuns,
  findSeries,
  resultOf,
} from "../../db/read/entry-document.ts";
import { isWithheld } from "../../db/read/withheld.ts";
import { namesOfCode } from "../../record/custom-code.ts";
import { parseCustomName } from "../../record/custom-name.ts";
import { codeOf } from "../../record/statement/result-problems.ts";
import { checkpointAt, findReceipt, proveInclusion } from "../../db/read/log-page.ts";
import {
  ComparisonDocument,
  EntryDocument,
  EntryRuns,
  EntrySeries,
  MOST_COMPARED,
} from "../../record/answers/documents.ts";
import { InclusionProof, Receipt } from "../../record/log/log-proof.ts";
import {
  IdParams,
  JSON_TYPE,
  LeafCount,
  found,
  jsonAnswer,
  readRoute,
  refuseParameter,
  withheld,
} from "./read-route.ts";
import type { BoardRow } from "../../record/board/board-row.ts";
import { stateText } from "../../record/board/states.ts";
import { type Markup, textOf } from "./html-page.ts";
import { comparedEntries } from "../../record/answers/compared-entries.ts";
import { Digest } from "../../record/run.ts";
import { Refusal } from "../problem-answer.ts";

const tag = "entries";
const params = IdParams;

const entry = readRoute({
  path: "/v1/entries/{id}",
  tag,
  summary: "An entry with its summary, challenge, reproductions, events and receipt",
  params,
  answers: { [JSON_TYPE]: EntryDocument },
  atOneMoment: true,
  respond: async ({ params, db }) =>
    jsonAnswer(found(await findEntry(await db(), params.id), "entry")),
});

const TEXT = "text/plain; charset=utf-8";

/** The type that the DSSE specification registers. */
const ENVELOPE_TYPE = "application/vnd.dsse.envelope.v1+json";

const envelope = readRoute({
  path: "/v1/entries/{id}/envelope",
  tag,
  summary: "The exact bytes of the entry's envelope, as they were first accepted",
  params,
  answers: { [ENVELOPE_TYPE]: null },
  atOneMoment: true,
  mayBeStale: false,
  respond: async ({ params, db }) => {
    const { leaf } = await shownRow(await db(), params.id);
    return { type: ENVELOPE_TYPE, body: leaf.body };
  },
});

/** @throws Refusal also `withheld`. */
async function shownRow(db: Reader, id: string): Promise<FoundRow> {
  const row = found(await findRow(db, id), "entry");
  if (row.row.custom && (await isWithheld(db, row.leaf))) throw withheld(id);
  return row;
}

const runs = readRoute({
  path: "/v1/entries/{id}/runs",
  tag,
  summary: "The entry's raw counts, run by run, and what is computed from them",
  params,
  answers: { [JSON_TYPE]: EntryRuns },
  respond: async ({ params, db }) =>
    jsonAnswer(found(await findRuns(await db(), params.id), "entry")),
});

const series = readRoute({
  path: "/v1/entries/{id}/series",
  tag,
  summary: "The entry over training and by depth, as means over its runs: for pictures",
  params,
  answers: { [JSON_TYPE]: EntrySeries },
  respond: async ({ params, db }) =>
    jsonAnswer(found(await findSeries(await db(), params.id), "entry")),
});

const proof = readRoute({
  path: "/v1/entries/{id}/proof",
  tag,
  summary: "A proof that the entry is in the log, by its newest checkpoint or an older one",
  params,
  /** Leaves of the tree; the newest unless given. */
  query: z.strictObject({ size: LeafCount.optional() }),
  answers: { [JSON_TYPE]: InclusionProof },
  respond: async ({ params, query, deployment, db }) => {
    const reader = await db();
    const { leaf } = found(await findRow(reader, params.id), "entry");
    const newest = await logSize(reader);
    const size = query.size ?? newest;
    if (size <= leaf.index || size > newest)
      throw refuseParameter("size", `from ${leaf.index + 1} to ${newest}`, String(size));
    const checkpoint = found(await checkpointAt(reader, deployment.keeper, size), "checkpoint");
    return jsonAnswer(await proveInclusion(reader, leaf, { size, checkpoint }));
  },
});

/** Never a type that a browser would run, nor shown in it. */
const source = readRoute({
  path: "/v1/sources/{id}/{kind}.txt",
  tag,
  summary: "Source text of an entry's own architecture (arch) or regularizer (reg), as a file",
  params: z.strictObject({ id: Digest, kind: z.enum(["arch", "reg"]) }),
  answers: { [TEXT]: null },
  atOneMoment: true,
  mayBeStale: false,
  respond: async ({ params: { id, kind }, db }) => {
    const result = resultOf(await shownRow(await db(), id));
    const named = namesOfCode({ ...result, ...codeOf(result) }).find((each) => each.kind === kind);
    const { member, name } = found(named ?? null, "source");
    const file = `${parseCustomName(name)!.name}.ts`;
    const headers = { "content-disposition": `attachment; filename="${file}"` };
    return { type: TEXT, body: result[member]!, headers };
  },
});

export const entries = [entry, envelope, source, runs, series, proof];

const HEIGHT = 20;

/** Approximate width of a character of Verdana 11; the text is fitted to it. */
const CHARACTER = 6.6;

const PADDING = 12;

/** Dark enough for white text (contrast 4.5 : 1). */
const COLOURS = { label: "#3d4450", rung: "#1f5f99", side: "#8a4b08" };

/** No fonts, links or scripts: it works as a picture in any page. */
function badgeSvg({ numbers, standing, arch, regs }: BoardRow): Markup {
  const { state } = standing;
  const { learnedComplexity, capacity } = numbers;
  const number = [
    learnedComplexity && `learned complexity ${learnedComplexity.mean.toFixed(3)}`,
    capacity && `capacity ${capacity.mean.toFixed(3)}`,
  ];
  const isRung = ["self-reported", "challenged", "reproduced"].includes(state);
  const label = number.filter(Boolean).join(", ") || "no learned complexity";
  return svg(label, stateText(standing), isRung ? COLOURS.rung : COLOURS.side, `${arch}, ${regs}`);
}

function svg(label: string, message: string, colour: string, about: string): Markup {
  const [left, right] = [widthOf(label), widthOf(message)];
  const title = `${about}: ${label}, ${message}`;
  const text = (value: string, start: number, width: number) =>
    html`<text x="${start + width / 2}" y="14" textLength="${width - PADDING}">${value}</text>`;
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    width="${left + right}"
    height="${HEIGHT}"
    role="img"
    aria-label="${title}"
  >
    <title>${title}</title>
    <rect width="${left}" height="${HEIGHT}" fill="${COLOURS.label}" />
    <rect x="${left}" width="${right}" height="${HEIGHT}" fill="${colour}" />
    <g fill="#fff" font-family="Verdana,Geneva,sans-serif" font-size="11" text-anchor="middle">
      ${text(label, 0, left)}${text(message, left, right)}
    </g>
  </svg>`;
}

function widthOf(text: string): number {
  return Math.round(text.length * CHARACTER) + PADDING;
}

const SVG = "image/svg+xml";

/** GET /v1/badge/:id.svg */
export const badge = readRoute({
  path: "/v1/badge/{id}.svg",
  tag: "entries",
  summary: "An entry's learned complexity, capacity and state as a small picture",
  params: IdParams,
  answers: { [SVG]: null },
  maxAge: 300,
  respond: async ({ params, db }) => {
    const { row } = found(await findRow(await db(), params.id), "entry");
    return { type: SVG, body: await textOf(badgeSvg(row)) };
  },
});

const Ids = z.array(Digest).min(2).max(MOST_COMPARED);
const RULE = `2 to ${MOST_COMPARED} different ids of entries of one protocol, separated by commas`;

/** GET /v1/compare?entries=a,b */
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

/** GET /v1/receipts/:id */
export const receipts = readRoute({
  path: "/v1/receipts/{id}",
  tag: "log",
  summary: "The receipt of any accepted statement",
  params: IdParams,
  answers: { [JSON_TYPE]: Receipt },
  respond: async ({ params, db }) =>
    jsonAnswer(found(await findReceipt(await db(), params.id), "statement")),
});

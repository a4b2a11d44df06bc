/** @file GET /v1/export/...: whole boards and the whole log, as streams. */

import { boardEntries } from "../../db/read/entry-document.ts";
import { dumpLines } from "../../db/read/dump.ts";
import type { Reader } from "../../db/db.ts";
import { boardCsv } from "../read/board-csv.ts";
import { knownProtocol } from "../read/known-protocol.ts";
import { ProtocolParams } from "../read/parameters.ts";
import { type ReadAnswer, readRoute } from "../read/read-route.ts";
import { gzipStream, lines, textStream } from "../read/text-stream.ts";
import { payForExport } from "./paid-export.ts";

const tag = "exports";
const CSV = "text/csv; charset=utf-8";
const GZIP = "application/gzip";

const log = readRoute({
  path: "/v1/export/log.jsonl.gz",
  tag,
  summary: "The whole log: a dump that another server can check and restore",
  answers: { [GZIP]: null },
  follows: "never",
  respond: async ({ home, db }) => {
    await payForExport(home);
    const stream = gzipStream(lines(dumpLines(await db(), home.keeper)));
    return download("rademark-log.jsonl.gz", GZIP, stream);
  },
});

const table = readRoute({
  path: "/v1/export/{protocol}.csv",
  tag,
  summary: "Every entry of a board as a table",
  params: ProtocolParams,
  answers: { [CSV]: null },
  follows: "never",
  respond: async ({ params, home, db }) => {
    const { id, document } = knownProtocol(params.protocol);
    await payForExport(home);
    return download(`${document.name}.csv`, CSV, textStream(boardCsv(await db(), id)));
  },
});

const entries = readRoute({
  path: "/v1/export/{protocol}.jsonl.gz",
  tag,
  summary: "Every entry of a board, one a line: its row, its envelope, its receipt",
  params: ProtocolParams,
  answers: { [GZIP]: null },
  follows: "never",
  respond: async ({ params, home, db }) => {
    const { id, document } = knownProtocol(params.protocol);
    await payForExport(home);
    const stream = gzipStream(lines(entryLines(await db(), id)));
    return download(`${document.name}.jsonl.gz`, GZIP, stream);
  },
});

async function* entryLines(db: Reader, protocol: string): AsyncGenerator<string> {
  for await (const entry of boardEntries(db, protocol)) yield JSON.stringify(entry);
}

function download(name: string, type: string, body: ReadableStream<Uint8Array>): ReadAnswer {
  return { type, body, headers: { "content-disposition": `attachment; filename="${name}"` } };
}

/** The log's own address before those of protocols. */
export const exports = [log, table, entries];

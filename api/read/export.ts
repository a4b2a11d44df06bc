/** @file GET /v1/export/...: whole boards and the whole log, as streams. */

import { boardEntries } from "../../db/read/entry-document.ts";
import { dumpLines } from "../../db/dump/dump.ts";
import type { Reader } from "../../db/db.ts";
import { boardCsv } from "./boards.ts";
import { ProtocolParams, type ReadAnswer, knownProtocol, readRoute } from "./read-route.ts";
import type { Deployment } from "../deployment.ts";
import { checkQuota, countRequest, quotaOfExports } from "../accept/paid-write.ts";

const tag = "exports";
const CSV = "text/csv; charset=utf-8";
const GZIP = "application/gzip";

const log = readRoute({
  path: "/v1/export/log.jsonl.gz",
  tag,
  summary:
    "The whole log: a dump that another server can check and restore; of a withheld statement, its digest alone",
  answers: { [GZIP]: null },
  follows: "never",
  respond: async ({ deployment, db }) => {
    await payForExport(deployment);
    const stream = gzipStream(lines(dumpLines(await db(), deployment.keeper, "everybody")));
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
  respond: async ({ params, deployment, db }) => {
    const { id, document } = knownProtocol(params.protocol);
    await payForExport(deployment);
    return download(`${document.name}.csv`, CSV, textStream(boardCsv(await db(), id)));
  },
});

const entries = readRoute({
  path: "/v1/export/{protocol}.jsonl.gz",
  tag,
  summary:
    "Every entry of a board, one a line: its row, its envelope (null where it is withheld), its receipt",
  params: ProtocolParams,
  answers: { [GZIP]: null },
  follows: "never",
  respond: async ({ params, deployment, db }) => {
    const { id, document } = knownProtocol(params.protocol);
    await payForExport(deployment);
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

/** The log's address comes before those of protocols, which would match it. */
export const exports = [log, table, entries];

/** Writes nothing for a request beyond the quota. @throws Refusal `too-many-requests`. */
async function payForExport(deployment: Deployment): Promise<void> {
  const payer = quotaOfExports(deployment.address, deployment.limits);
  if (payer === null) return;
  const { db, close } = await deployment.open("write");
  try {
    await checkQuota(db, payer, deployment.now());
    await countRequest(db, payer, deployment.now());
  } finally {
    await close();
  }
}

/** Text as a stream of bytes, produced only as fast as it is read. */
function textStream(parts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const iterator = parts[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done) controller.close();
        else controller.enqueue(encoder.encode(next.value));
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 1 },
  );
}

export function gzipStream(parts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const gzip = new CompressionStream("gzip") as unknown as TransformStream<Uint8Array, Uint8Array>;
  return textStream(parts).pipeThrough(gzip);
}

export async function* lines(texts: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const text of texts) yield `${text}\n`;
}

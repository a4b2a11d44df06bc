/** @file GET /v1/entries/:id, and what stands behind an entry. */

import { z } from "zod";
import { logSize } from "../../db/append-leaf.ts";
import { findEntry, findRow, findRuns } from "../../db/read/entry-document.ts";
import { checkpointAt, proveInclusion } from "../../db/read/log-page.ts";
import { EntryDocument, EntryRuns } from "../../record/documents/entry-document.ts";
import { InclusionProof } from "../../record/log/log-proof.ts";
import { found } from "../read/found.ts";
import { IdParams, LeafCount } from "../read/parameters.ts";
import { refuseParameter } from "../read/read-parameters.ts";
import { JSON_TYPE, jsonAnswer, readRoute } from "../read/read-route.ts";

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

/** The type that the DSSE specification registers. */
export const ENVELOPE_TYPE = "application/vnd.dsse.envelope.v1+json";

const envelope = readRoute({
  path: "/v1/entries/{id}/envelope",
  tag,
  summary: "The exact bytes of the entry's envelope, as they were first accepted",
  params,
  answers: { [ENVELOPE_TYPE]: null },
  respond: async ({ params, db }) => {
    const { leaf } = found(await findRow(await db(), params.id), "entry");
    return { type: ENVELOPE_TYPE, body: leaf.body };
  },
});

const runs = readRoute({
  path: "/v1/entries/{id}/runs",
  tag,
  summary: "The entry's raw counts, run by run, and what is computed from them",
  params,
  answers: { [JSON_TYPE]: EntryRuns },
  respond: async ({ params, db }) =>
    jsonAnswer(found(await findRuns(await db(), params.id), "entry")),
});

const proof = readRoute({
  path: "/v1/entries/{id}/proof",
  tag,
  summary: "A proof that the entry is in the log, by its newest checkpoint or an older one",
  params,
  /** Leaves of the tree; the newest unless given. */
  query: z.strictObject({ size: LeafCount.optional() }),
  answers: { [JSON_TYPE]: InclusionProof },
  respond: async ({ params, query, home, db }) => {
    const reader = await db();
    const { leaf } = found(await findRow(reader, params.id), "entry");
    const newest = await logSize(reader);
    const size = query.size ?? newest;
    if (size <= leaf.index || size > newest)
      throw refuseParameter("size", `from ${leaf.index + 1} to ${newest}`, String(size));
    const checkpoint = found(await checkpointAt(reader, home.keeper, size), "checkpoint");
    return jsonAnswer(await proveInclusion(reader, leaf, { size, checkpoint }));
  },
});

export const entries = [entry, envelope, runs, proof];

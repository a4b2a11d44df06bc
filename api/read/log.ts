/** @file GET /v1/log/...: the log as its holder shows it (C2SP tlog-tiles), and its newest leaves. */

import { z } from "zod";
import { logSize } from "../../db/append-leaf.ts";
import {
  checkpointAt,
  findStatement,
  logPage,
  proveConsistency,
  proveInclusion,
  readTile,
} from "../../db/read/log-page.ts";
import {
  LogKinds,
  LogPage,
  MOST_LEAVES,
  StatementDocument,
} from "../../record/answers/documents.ts";
import { ConsistencyProof, type LogEntry } from "../../record/log/log-proof.ts";
import { parseTilePath } from "../../record/log/tile.ts";
import { formatVerifierKey, verifierKey } from "../../record/log/checkpoint.ts";
import { Digest } from "../../record/run.ts";
import { publicKeyOf } from "../../record/signature/ed25519.ts";
import {
  IdParams,
  JSON_TYPE,
  LeafCount,
  found,
  jsonAnswer,
  pageLimit,
  readRoute,
  withheld,
} from "./read-route.ts";

const tag = "log";
const TEXT = "text/plain; charset=utf-8";
const BYTES = "application/octet-stream";
const YEAR = 31_536_000;

const checkpoint = readRoute({
  path: "/v1/log/checkpoint",
  tag,
  summary: "The newest checkpoint, a signed note",
  answers: { [TEXT]: null },
  respond: async ({ deployment, db }) => {
    const reader = await db();
    const note = await checkpointAt(reader, deployment.keeper, await logSize(reader));
    return { type: TEXT, body: found(note, "checkpoint") };
  },
});

const key = readRoute({
  path: "/v1/log/key",
  tag,
  summary: "The log's verifier key, one line",
  answers: { [TEXT]: null },
  follows: "fixed",
  respond: async ({ deployment }) => {
    const { origin, seed } = deployment.keeper;
    const line = formatVerifierKey(verifierKey(origin, await publicKeyOf(seed)));
    return { type: TEXT, body: `${line}\n` };
  },
});

/** A tile never changes; a partial tile is the beginning of the full one. */
const tile = readRoute({
  path: "/v1/log/tile/{place}",
  greedy: "place",
  tag,
  summary: "A tile of hashes, or a bundle of entries (`entries/...`)",
  params: z.strictObject({ place: z.string().max(200) }),
  answers: { [BYTES]: null },
  maxAge: YEAR,
  keptSeconds: YEAR,
  respond: async ({ params, db }) => {
    const place = found(parseTilePath(`tile/${params.place}`), "tile");
    return { type: BYTES, body: found(await readTile(await db(), place), "tile") };
  },
});

const consistency = readRoute({
  path: "/v1/log/consistency/{older}",
  tag,
  summary: "A proof that the log begins with the leaves it had at an older size",
  params: z.strictObject({ older: LeafCount }),
  answers: { [JSON_TYPE]: ConsistencyProof },
  respond: async ({ params, deployment, db }) => {
    const reader = await db();
    const size = await logSize(reader);
    const older = found(params.older <= size ? params.older : null, "size of the log");
    const note = found(await checkpointAt(reader, deployment.keeper, size), "checkpoint");
    return jsonAnswer(await proveConsistency(reader, older, { size, checkpoint: note }));
  },
});

const entries = readRoute({
  path: "/v1/log/entries",
  tag,
  summary: "The log's newest leaves, of all kinds or of some, about everything or one entry",
  query: z.strictObject({
    kind: LogKinds.optional(),
    /** Id of an entry: its own leaf, its reproductions, and what was taken back or decided of both. */
    entry: Digest.optional(),
    /** `next` of the page before. */
    before: LeafCount.optional(),
    limit: pageLimit(MOST_LEAVES),
  }),
  answers: { [JSON_TYPE]: LogPage },
  atOneMoment: true,
  respond: async ({ query, db }) => {
    const { kind, entry = null, before = Number.MAX_SAFE_INTEGER, limit } = query;
    const kinds = kind === undefined ? null : kindsIn(kind);
    return jsonAnswer(await logPage(await db(), { kinds, entry, before, limit }));
  },
});

/** Each once. */
function kindsIn(text: string): LogEntry["kind"][] {
  return [...new Set(text.split(","))] as LogEntry["kind"][];
}

const statement = readRoute({
  path: "/v1/log/statements/{id}",
  tag,
  summary: "Any statement in the log: its envelope, its challenge, and a proof of its leaf",
  params: IdParams,
  answers: { [JSON_TYPE]: StatementDocument },
  atOneMoment: true,
  mayBeStale: false,
  respond: async ({ params, deployment, db }) => {
    const reader = await db();
    const stored = found(await findStatement(reader, params.id), "statement");
    if (stored === "withheld") throw withheld(params.id);
    const { leaf, challengeLeaf, envelope, challenge } = stored;
    const size = await logSize(reader);
    const note = found(await checkpointAt(reader, deployment.keeper, size), "checkpoint");
    const tree = { size, checkpoint: note };
    const challengeProof = challengeLeaf && (await proveInclusion(reader, challengeLeaf, tree));
    const proof = await proveInclusion(reader, leaf, tree);
    return jsonAnswer({ envelope, challenge, challengeProof, proof });
  },
});

export const log = [checkpoint, key, tile, consistency, entries, statement];

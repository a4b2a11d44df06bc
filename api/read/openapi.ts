/** @file The API's description (OpenAPI 3.1), from the same definitions and schemas that answer. */

import { type ZodType, z } from "zod";
import {
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverride,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
  createDocument,
} from "zod-openapi";
import type { WriteRoute } from "../accept/write-route.ts";
import { JSON_TYPE, type ReadRoute } from "./read-route.ts";
import { BoardPage, BoardRow, Note, Rank, Signer } from "../../record/board/board-row.ts";
import { Standing } from "../../record/board/standing.ts";
import { Comparison } from "../../record/board/comparison.ts";
import {
  ChallengeDocument,
  ChallengeList,
  ChallengeOutcome,
  ComparisonDocument,
  EntryDocument,
  EntryEvent,
  EntryRuns,
  EntrySeries,
  HealthDocument,
  KeyAnswer,
  KeyDocument,
  KeyRequest,
  LogLeaf,
  LogPage,
  MeasuresDocument,
  ProtocolDocument,
  ProtocolList,
  ReproductionDocument,
} from "../../record/answers/documents.ts";
import { Difference } from "../../record/statement/conditions.ts";
import { IdsDocument } from "../../record/answers/ids-document.ts";
import { ProblemDocument } from "../../record/answers/problem-document.ts";
import { ConsistencyProof, InclusionProof, LogEntry, Receipt } from "../../record/log/log-proof.ts";
import { RunMetrics } from "../../record/metrics-schema.ts";
import { ProtocolFields } from "../../record/protocols.ts";
import { Run } from "../../record/run.ts";
import { Challenge } from "../../record/statement/challenge.ts";
import { Commitment, Engine, Machine } from "../../record/statement/statements.ts";
import { Envelope } from "../../record/statement/envelope.ts";
import { Interval } from "../../record/statistics/interval.ts";
import { Summary } from "../../record/summary.ts";

export interface OpenApiDocument {
  openapi: "3.1.0";
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  paths: Record<string, Partial<Record<"get" | "post", Operation>>>;
  components: { schemas: Record<string, JsonSchema> };
}

export interface Operation {
  tags: string[];
  summary: string;
  operationId: string;
  parameters: Parameter[];
  requestBody?: { required: true; content: Content };
  responses: Record<string, Answer>;
}

export interface Parameter {
  name: string;
  in: "path" | "query";
  required?: true;
  schema: JsonSchema;
}

export interface Answer {
  description: string;
  content?: Content;
}

type Content = Record<string, { schema: JsonSchema }>;

export type JsonSchema = Record<string, unknown>;

const DESCRIPTION =
  "Boards of signed results, an append-only log, and everything needed to check both without trusting this " +
  "server. Reads are public and cached; writes are signed statements in DSSE envelopes. Refusals are problem " +
  "documents (RFC 9457) whose types are pages under /problems.";

export function openApiDocument(
  reads: readonly ReadRoute[],
  writes: readonly WriteRoute[],
): OpenApiDocument {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of reads) (paths[route.path] ??= {}).get = readOperation(route);
  for (const route of writes) (paths[route.path] ??= {}).post = writeOperation(route);
  const info = { title: "rademark", version: "1", description: DESCRIPTION };
  return createDocument(
    { openapi: "3.1.0", info, servers: [{ url: "/" }], paths, components: { schemas: NAMED } },
    { override: asRead },
  ) as OpenApiDocument;
}

/** Describes what a client sends as it is read: digits as a number, and a member with a default as always there. */
const asRead: ZodOpenApiOverride = ({ zodSchema, jsonSchema, io }) => {
  if (io === "output") return;
  const { def } = zodSchema._zod;
  if (def.type === "default") jsonSchema.default = def.defaultValue;
  if (def.type === "object")
    jsonSchema.required = Object.keys(def.shape).filter((name) => !def.shape[name]!._zod.optout);
  if (def.type !== "pipe" || def.out._zod.def.type === "transform") return;
  delete jsonSchema.pattern;
  Object.assign(jsonSchema, z.toJSONSchema(zodSchema));
};

const READ_REFUSALS = {
  400: "A parameter is not understood; `errors` name it.",
  404: "There is no such thing here.",
  500: "Something went wrong here.",
  503: "The database cannot be reached, and no earlier answer is at hand. `Retry-After` says when to try again.",
};

const EXPORT_REFUSALS = {
  429: "The address has used up its exports; `Retry-After` says when to try again, in seconds.",
};

const WITHHELD = {
  403: "It shows source of custom code, which is withheld while a quarantine is in force.",
};

function readOperation(route: ReadRoute): ZodOpenApiOperationObject {
  const content = Object.fromEntries(
    Object.entries(route.answers).map(([type, schema]) => [type, { schema: schema ?? {} }]),
  );
  return {
    tags: [route.tag],
    summary: route.summary,
    operationId: operationId("get", route.path),
    requestParams: { path: route.params, query: route.query },
    responses: {
      200: { description: "Found.", content },
      304: { description: "Unchanged since the answer that `If-None-Match` names." },
      ...refusals({
        ...READ_REFUSALS,
        ...(route.tag === "exports" && EXPORT_REFUSALS),
        ...(!route.mayBeStale && WITHHELD),
      }),
      ...(route.tag === "pages" && { 404: { description: READ_REFUSALS[404], content } }),
    },
  };
}

const WRITE_REFUSALS = {
  400: "The body cannot be read.",
  403: "Only the signer or an operator may do this.",
  409: "It conflicts with what is already stored.",
  413: "The body is larger than allowed.",
  415: "The body is not JSON, plain or gzip.",
  422: "The body, the statement in it or what it claims is refused; `errors` point to the places.",
  429: "A quota is used up; `Retry-After` says for how long.",
  500: "Something went wrong here; nothing was stored.",
  503: "The database cannot be reached. `Retry-After` says when to try again; what was accepted is not stored twice.",
};

function writeOperation({ path, summary, body, answer }: WriteRoute) {
  const content = { [JSON_TYPE]: { schema: answer } };
  return {
    tags: [path.split("/")[2]!],
    summary,
    operationId: operationId("post", path),
    parameters: [],
    requestBody: { required: true, content: { [JSON_TYPE]: { schema: body } } },
    responses: {
      200: { description: "It was accepted before; this is the answer it got then.", content },
      201: { description: "Accepted.", content },
      ...refusals(WRITE_REFUSALS),
    },
  } satisfies ZodOpenApiOperationObject;
}

function refusals(descriptions: Readonly<Record<number, string>>): ZodOpenApiResponsesObject {
  const content = { "application/problem+json": { schema: ProblemDocument } };
  return Object.fromEntries(
    Object.entries(descriptions).map(([status, description]) => [status, { description, content }]),
  );
}

/** `get /v1/entries/{id}/runs` becomes `getEntriesIdRuns`. */
function operationId(method: string, path: string): string {
  const words = path.replace(/^\/v1\//, "").split(/[^A-Za-z0-9]+/);
  const named = words
    .filter((word) => word !== "")
    .map((word) => word[0]!.toUpperCase() + word.slice(1));
  return method + named.join("");
}

/** Schemas that the document names once and refers to everywhere. */
const NAMED: Readonly<Record<string, ZodType>> = {
  ...{ BoardPage, BoardRow, Rank, Signer, Note, Standing, Interval, Summary, Engine, Machine },
  ...{ EntryDocument, EntryEvent, EntryRuns, EntrySeries, ReproductionDocument, Run, RunMetrics },
  ...{ ComparisonDocument, Comparison, Difference, MeasuresDocument, Protocol: ProtocolFields },
  ...{ ProtocolDocument, ProtocolList, ChallengeDocument, ChallengeList, ChallengeOutcome },
  ...{ Challenge, Commitment, Envelope, KeyRequest, KeyDocument, KeyAnswer, HealthDocument },
  ...{
    Receipt,
    LogEntry,
    LogLeaf,
    LogPage,
    InclusionProof,
    ConsistencyProof,
    ProblemDocument,
    IdsDocument,
  },
};

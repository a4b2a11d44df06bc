/** @file The API's description (OpenAPI 3.1), from the same definitions and schemas that answer. */

import type { OpenAPIHono, RouteConfig } from "@hono/zod-openapi";
import { type ZodObject, type ZodType, z } from "zod";
import type { ReadRoute } from "./read-route.ts";
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

const DESCRIPTION =
  "Boards of signed results, an append-only log, and everything needed to check both without believing this " +
  "server. Reads are public and cached; writes are signed statements in DSSE envelopes. Refusals are problem " +
  "documents (RFC 9457) whose types are pages under /problems.";

/** @param registry where routes that write have described themselves. */
export function openApiDocument(
  reads: readonly ReadRoute[],
  registry: Pick<OpenAPIHono["openAPIRegistry"], "definitions">,
): OpenApiDocument {
  const paths: OpenApiDocument["paths"] = {};
  for (const route of reads) (paths[route.path] ??= {}).get = readOperation(route);
  for (const definition of registry.definitions)
    if (definition.type === "route" && definition.route.method === "post")
      (paths[definition.route.path] ??= {}).post = writeOperation(definition.route);
  return {
    openapi: "3.1.0",
    info: { title: "rademark", version: "1", description: DESCRIPTION },
    servers: [{ url: "/" }],
    paths,
    components: { schemas: componentSchemas() },
  };
}

/** Routes as OpenAPI operations. */
export interface Parameter {
  name: string;
  in: "path" | "query";
  required: boolean;
  schema: JsonSchema;
}

type Content = Record<string, { schema: JsonSchema }>;

export interface Answer {
  description: string;
  content?: Content;
}

export interface Operation {
  tags: string[];
  summary: string;
  operationId: string;
  parameters: Parameter[];
  requestBody?: { required: true; content: Content };
  responses: Record<string, Answer>;
}

const REFUSALS: Readonly<Record<string, string>> = {
  400: "A parameter is not understood; `errors` name it.",
  404: "There is no such thing here.",
  500: "Something went wrong here.",
  503: "The database cannot be reached, and no earlier answer is at hand. `Retry-After` says when to try again.",
};

const REFUSALS_OF_TAG: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  exports: {
    429: "The address has used up its exports; `Retry-After` says when to try again, in seconds.",
  },
};

function readOperation(route: ReadRoute): Operation {
  return {
    tags: [route.tag],
    summary: route.summary,
    operationId: operationId("get", route.path),
    parameters: [...parameters("path", route.params), ...parameters("query", route.query)],
    responses: {
      200: { description: "Found.", content: contentOf(route.answers) },
      304: { description: "As the client has it, by `If-None-Match`." },
      ...refusals({ ...REFUSALS, ...REFUSALS_OF_TAG[route.tag] }),
    },
  };
}

function parameters(place: Parameter["in"], { shape }: ZodObject): Parameter[] {
  return Object.entries(shape as Record<string, ZodType>).map(([name, schema]) => ({
    name,
    in: place,
    required: place === "path" || !schema.safeParse(undefined).success,
    schema: schemaFor(schema),
  }));
}

/** What is no JSON is bytes. */
function contentOf(answers: ReadRoute["answers"]): Content {
  return Object.fromEntries(
    Object.entries(answers).map(([type, schema]) => [
      type,
      { schema: schema === null ? {} : schemaFor(schema) },
    ]),
  );
}

function refusals(descriptions: Readonly<Record<string, string>>): Record<string, Answer> {
  const content = { "application/problem+json": { schema: schemaFor(ProblemDocument) } };
  return Object.fromEntries(
    Object.entries(descriptions).map(([status, description]) => [status, { description, content }]),
  );
}

interface Described {
  description: string;
  content?: object;
}

/** Of a route that writes, as it registered itself. */
function writeOperation(route: RouteConfig): Operation {
  const { method, path, summary = "", request, responses } = route;
  return {
    tags: [path.split("/")[2] ?? "server"],
    summary,
    operationId: operationId(method, path),
    parameters: [],
    ...(request?.body && { requestBody: { required: true, content: zodContent(request.body) } }),
    responses: Object.fromEntries(
      Object.entries(responses as Record<string, Described>).map(([status, answer]) => [
        status,
        { description: answer.description, content: zodContent(answer) },
      ]),
    ),
  };
}

function zodContent({ content = {} }: Pick<Described, "content">): Content {
  return Object.fromEntries(
    Object.entries(content as Record<string, { schema: ZodType }>).map(([type, { schema }]) => [
      type,
      { schema: schemaFor(schema) },
    ]),
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

/** Schemas that the OpenAPI document names once and refers to everywhere. */
type JsonSchema = Record<string, unknown>;

const NAMED: Readonly<Record<string, ZodType>> = {
  ...{ BoardPage, BoardRow, Rank, Signer, Note, Standing, Interval, Summary, Engine, Machine },
  ...{ EntryDocument, EntryEvent, EntryRuns, ReproductionDocument, Run, RunMetrics },
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

const nameOf = new Map(Object.entries(NAMED).map(([name, schema]) => [schema, name]));
const place = (name: string) => `#/components/schemas/${name}`;

/** JSON Schema 2020-12, as OpenAPI 3.1 has it; they refer to each other. */
function componentSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: place });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, bare(schema as JsonSchema)]),
  );
}

/** A reference where the schema has a name. */
function schemaFor(schema: ZodType): JsonSchema {
  const name = nameOf.get(schema);
  return name === undefined ? bare(z.toJSONSchema(schema)) : { $ref: place(name) };
}

function bare({ $schema: _, $id: __, id: ___, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

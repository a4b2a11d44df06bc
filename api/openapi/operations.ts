/** @file Routes as OpenAPI operations. */

import type { RouteConfig } from "@hono/zod-openapi";
import type { ZodObject, ZodType } from "zod";
import { ProblemDocument } from "../../record/documents/problem-document.ts";
import type { ReadRoute } from "../read/read-route.ts";
import { schemaFor, type JsonSchema } from "./components.ts";

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

export function readOperation(route: ReadRoute): Operation {
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
export function writeOperation(route: RouteConfig): Operation {
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

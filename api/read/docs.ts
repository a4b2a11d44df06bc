/** @file GET /openapi.json, /docs and its style sheet. */

import { html } from "hono/html";
import { z } from "zod";
import type { OpenApiDocument } from "./openapi.ts";
import { HTML, STYLE, STYLE_PATH, htmlAnswer } from "./html-page.ts";
import { referencePage } from "./reference-page.ts";
import {
  JSON_TYPE,
  type ReadAnswer,
  type ReadRoute,
  found,
  jsonAnswer,
  readRoute,
} from "./read-route.ts";
import {
  PROBLEMS,
  PROBLEM_ADVICE,
  type ProblemName,
} from "../../record/answers/problem-document.ts";
import { logSize } from "../../db/append-leaf.ts";
import { HealthDocument } from "../../record/answers/documents.ts";
import { type SchemaName, jsonSchemas } from "../../record/answers/json-schemas.ts";

const CSS = "text/css; charset=utf-8";

/** @param describe called once asked for, when every route has been mounted. */
export function docs(describe: () => OpenApiDocument): ReadRoute[] {
  const fixed = { tag: "server", follows: "fixed" } as const;
  return [
    readRoute({
      ...fixed,
      path: "/openapi.json",
      summary: "The API's description for programs",
      answers: { [JSON_TYPE]: null },
      respond: () => Promise.resolve(jsonAnswer(describe())),
    }),
    readRoute({
      ...fixed,
      path: "/docs",
      summary: "The API's description for people",
      answers: { [HTML]: null },
      respond: () => referencePage(describe()),
    }),
    readRoute({
      ...fixed,
      path: STYLE_PATH,
      summary: "The style sheet of the API's pages",
      answers: { [CSS]: null },
      respond: () => Promise.resolve({ type: CSS, body: STYLE }),
    }),
  ];
}

const Contents = z.strictObject({
  name: z.literal("rademark"),
  /** Pages of the description, for people and for programs. */
  docs: z.string(),
  openapi: z.string(),
  /** What can be read and written, by its template (RFC 6570). */
  routes: z.array(z.strictObject({ method: z.string(), path: z.string(), summary: z.string() })),
});

type Contents = z.infer<typeof Contents>;

/** @param describe called once asked for, when every route has been mounted. */
export function contents(describe: () => OpenApiDocument): ReadRoute {
  return readRoute({
    path: "/v1",
    tag: "server",
    summary: "What there is",
    answers: { [JSON_TYPE]: Contents },
    follows: "fixed",
    respond: () => {
      const [docs, openapi] = ["/docs", "/openapi.json"];
      const document: Contents = {
        name: "rademark",
        docs,
        openapi,
        routes: routesOf(describe()),
      };
      return Promise.resolve(jsonAnswer(document));
    },
  });
}

function routesOf({ paths }: OpenApiDocument): Contents["routes"] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary }]) => {
      return { method: method.toUpperCase(), path, summary };
    }),
  );
}

/** GET /v1/health */
export const health = readRoute({
  path: "/v1/health",
  tag: "server",
  summary: "Whether server and database answer",
  answers: { [JSON_TYPE]: HealthDocument },
  follows: "never",
  respond: async ({ deployment, db }) => {
    const log = { origin: deployment.keeper.origin, size: await logSize(await db()) };
    return jsonAnswer({ status: "ok", log } satisfies HealthDocument);
  },
});

/** GET /problems/:name: what a refusal means, for people. */
export const problems = readRoute({
  path: "/problems/{name}",
  tag: "server",
  summary: "What a problem's type means, and what to do about it",
  params: z.strictObject({ name: z.string().max(80) }),
  answers: { [HTML]: null },
  follows: "fixed",
  respond: ({ params }) => {
    const name = found(Object.hasOwn(PROBLEMS, params.name) ? params.name : null, "problem");
    return problemPage(name as ProblemName);
  },
});

function problemPage(name: ProblemName): Promise<ReadAnswer> {
  const [status, title] = PROBLEMS[name];
  const others = Object.keys(PROBLEMS);
  const body = html`<h1><code>${name}</code></h1>
    <p>${title} Status ${status}.</p>
    <p>${PROBLEM_ADVICE[name]}</p>
    <p>
      In the answer, <code>detail</code> says what happened this time; each of
      <code>errors</code> has a <code>pointer</code> (RFC 6901) to the place, the
      <code>rule</code> and what was <code>found</code> there.
    </p>
    <h2>All problems</h2>
    <ul>
      ${others.map((each) => html`<li><a href="/problems/${each}">${each}</a></li>`)}
    </ul>`;
  return htmlAnswer({ title: `${name}: ${title}`, description: PROBLEM_ADVICE[name] }, body);
}

const tag = "schemas";
const SCHEMA_TYPE = "application/schema+json";

const list = readRoute({
  path: "/v1/schemas",
  tag,
  summary: "Names of the JSON Schemas of everything signed, issued and proved",
  answers: { [JSON_TYPE]: z.strictObject({ schemas: z.array(z.string()) }) },
  follows: "fixed",
  respond: () => Promise.resolve(jsonAnswer({ schemas: Object.keys(jsonSchemas()) })),
});

const one = readRoute({
  path: "/v1/schemas/{name}",
  tag,
  summary: "A JSON Schema (2020-12)",
  params: z.strictObject({ name: z.string().max(80) }),
  answers: { [SCHEMA_TYPE]: z.record(z.string(), z.unknown()) },
  follows: "fixed",
  respond: ({ params: { name } }) => {
    const schemas = jsonSchemas();
    const schema = Object.hasOwn(schemas, name) ? schemas[name as SchemaName] : null;
    const body = JSON.stringify(found(schema, "schema"));
    return Promise.resolve({ type: SCHEMA_TYPE, body });
  },
});

/** GET /v1/schemas and /v1/schemas/:name */
export const schemas = [list, one];

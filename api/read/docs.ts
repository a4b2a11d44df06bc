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
import { PROBLEMS, type ProblemName } from "../../record/answers/problem-document.ts";
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

const OTHER_STATEMENT =
  "Each kind of statement has its own address: results, reproductions, retractions, moderations, challenges, keys.";

/** What to do about each problem, in a sentence or two. */
const PROBLEM_ADVICE: Readonly<Record<ProblemName, string>> = {
  "malformed-request": "Send what /docs describes for this address.",
  "invalid-query": "Give each parameter once, under a name and with a value that /docs lists.",
  "not-found":
    "Check the address. Ids are 64 hexadecimal digits in lower case; nothing is ever deleted here.",
  "method-not-allowed": "The header Allow lists the methods of this address.",
  "too-large": "Send at most 512 kB; in gzip, a body may expand to 4 MB.",
  "expands-too-far": "Send what expands from gzip to at most 4 MB.",
  "unsupported-media-type": "Send application/json, plain or with content-encoding gzip.",
  "malformed-json":
    "Strict JSON has no -0, no integers beyond 2^53, no lone surrogates, and nothing behind its value.",
  "duplicate-member": "Give each member of an object once: readers differ in which one they take.",
  "too-deep": "No statement nests more than 32 levels.",
  "malformed-envelope":
    "An envelope is a DSSE document: payloadType, payload in base64, signatures.",
  "wrong-statement": OTHER_STATEMENT,
  "bad-signature":
    "The signatures must be Ed25519 over DSSE's pre-authentication encoding of the exact payload, by the keys the statement names.",
  "malformed-statement":
    "The schemas are served at /v1/schemas; they are closed, and every member is required.",
  "unknown-protocol":
    "Boards exist for the protocols that /v1/protocols lists; derived ones cannot be submitted, and a quarantined one takes nothing more until an operator lifts that.",
  "old-harness": "The protocol asks for a newer harness. Update it and run again.",
  "unknown-key": "Register the key first: rademark keys register.",
  "revoked-key": "Sign with the key that replaced it, or with another one.",
  "key-conflict": "Look at the key's state at /v1/keys/KEY.",
  "bad-name":
    "Names are short, of one script, in Unicode's form NFC, without markup or invisible characters.",
  "unknown-challenge": "Send the commitment first; its answer is the challenge.",
  "foreign-challenge":
    "A challenge counts only for the key, protocol and configuration of its commitment.",
  "stale-challenge": "It has expired, failed or been used. Ask for a new one.",
  "wrong-seeds":
    "Run exactly the protocol's panel seeds and the seeds that the challenge issued, in their order.",
  "impossible-counts": "The errors name counts that no run of this protocol can give.",
  "copied-counts":
    "Two seeds never lead to the same counts: runs that share them, within a statement or with an earlier one, were copied.",
  "wrong-reproduction":
    "A reproduction repeats the entry's protocol and configuration, on fresh seeds of its own.",
  "unknown-statement": "The statement that this one is about is not in the log.",
  "not-the-signer": "Only the key that signed a statement can take it back or replace it.",
  "not-an-operator": "Moderation is for the operator's keys.",
  "already-done": "Nothing is left to do.",
  "too-many-challenges": "Complete one of the key's open challenges, or give it up with a reason.",
  "too-many-requests": "Wait for as many seconds as the header Retry-After says.",
  unavailable:
    "Try again after as many seconds as the header Retry-After says; the command line does so by itself.",
  unexpected: "Try again later; if it stays, tell the operator when it happened.",
};

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

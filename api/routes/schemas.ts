/** @file GET /v1/schemas and /v1/schemas/:name */

import { z } from "zod";
import { jsonSchemas, type SchemaName } from "../../record/json-schemas.ts";
import { found } from "../read/found.ts";
import { JSON_TYPE, jsonAnswer, readRoute } from "../read/read-route.ts";

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

export const schemas = [list, one];

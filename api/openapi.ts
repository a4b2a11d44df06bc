/** @file The API's description (OpenAPI 3.1), from the same definitions and schemas that answer. */

import type { OpenAPIHono } from "@hono/zod-openapi";
import { componentSchemas, type JsonSchema } from "./openapi/components.ts";
import { readOperation, writeOperation, type Operation } from "./openapi/operations.ts";
import type { ReadRoute } from "./read/read-route.ts";

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

/** @file GET /v1: what there is, for whoever begins at the API's root. */

import { z } from "zod";
import type { OpenApiDocument } from "../openapi.ts";
import { JSON_TYPE, jsonAnswer, readRoute, type ReadRoute } from "../read/read-route.ts";

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

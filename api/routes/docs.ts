/** @file GET /openapi.json, /docs and its style sheet. */

import { docsPage } from "../docs-page.ts";
import type { OpenApiDocument } from "../openapi.ts";
import { HTML, STYLE, STYLE_PATH } from "../read/html-page.ts";
import { JSON_TYPE, jsonAnswer, readRoute, type ReadRoute } from "../read/read-route.ts";

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
      respond: () => Promise.resolve({ type: HTML, body: docsPage(describe()) }),
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

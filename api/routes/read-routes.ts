/** @file Every route that reads, each defined once: mounted, cached and described from its definition. */

import { openApiDocument, type OpenApiDocument } from "../openapi.ts";
import { createReadAnswers } from "../read/read-answers.ts";
import { answerMissing, mountRead, mountWithSlash } from "../read/mounted-routes.ts";
import type { ReadRoute } from "../read/read-route.ts";
import { crossOrigin, securityHeaders } from "../security-headers.ts";
import type { App } from "../variables.ts";
import { badge } from "./badge.ts";
import { boards } from "./boards.ts";
import { challengesRead } from "./challenges-read.ts";
import { compare } from "./compare.ts";
import { contents } from "./contents.ts";
import { docs } from "./docs.ts";
import { entries } from "./entries.ts";
import { entryPageRoute, sitePolicy } from "./entry-page.ts";
import { exports } from "./export.ts";
import { health } from "./health.ts";
import { ids } from "./ids.ts";
import { keysRead } from "./keys-read.ts";
import { log } from "./log.ts";
import { measures } from "./measures.ts";
import { problems } from "./problems.ts";
import { protocols } from "./protocols.ts";
import { receipts } from "./receipts.ts";
import { schemas } from "./schemas.ts";
import { sentences } from "./sentences.ts";

export const ROUTES: readonly ReadRoute[] = [
  ...[boards, sentences, measures, ...entries, compare, badge, ...challengesRead, keysRead],
  ...[...protocols, ...log, ids, receipts, ...exports, ...schemas, health, problems],
  entryPageRoute,
];

/** Before the routes that write, so that headers are theirs as well. */
export function readRoutes(app: App): void {
  const answers = createReadAnswers();
  app.use("/entries/*", sitePolicy);
  app.use(securityHeaders, crossOrigin);
  app.use(async (c, next) => {
    await next();
    if (c.req.method === "POST" && c.res.status === 201) answers.expire();
  });
  const describe = (): OpenApiDocument => openApiDocument(described, app.openAPIRegistry);
  const described = [...ROUTES, contents(() => describe())];
  for (const route of [...described, ...docs(describe)]) mountRead(app, route, answers);
  for (const route of [described.at(-1)!, entryPageRoute]) mountWithSlash(app, route, answers);
  answerMissing(app);
}

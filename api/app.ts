/** @file The HTTP API: a function of a deployment, so that tests call it without a network. */

import { type Context, Hono, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { isUnavailable, localFault } from "../db/stores/unavailable.ts";
import type { App, Deployment, Variables } from "./deployment.ts";
import { Refusal, problemResponse } from "./problem-answer.ts";
import { type ReadAnswers, createReadAnswers } from "./read/read-answers.ts";
import { type ReadRoute, readParams, readQuery } from "./read/read-route.ts";
import { type OpenApiDocument, openApiDocument } from "./read/openapi.ts";
import { badge, compare, entries, receipts } from "./read/entries.ts";
import { boards, measures, protocols, sentences } from "./read/boards.ts";
import { challengesRead, keysRead } from "./read/challenges-read.ts";
import { contents, docs, health, problems, schemas } from "./read/docs.ts";
import { SITE_POLICY, entryPageRoute, missingPage } from "./read/entry-page.ts";
import { HTML, THEME_SOURCE } from "./read/html-page.ts";
import { exports } from "./read/export.ts";
import { ids } from "./read/ids.ts";
import { log } from "./read/log.ts";
import { WRITE_ROUTES, mountWrite } from "./accept/write-route.ts";

export type { App, Variables };

/**
 * @param deploymentOf called for every request, as a Worker gets its settings and its connection with it.
 * @param report tells the operator of errors that are not the client's.
 */
export function createApp(
  deploymentOf: (c: Context) => Deployment,
  report: (error: unknown) => void = () => undefined,
): App {
  const app: App = new Hono();
  app.use(async (c, next) => {
    c.set("deployment", deploymentOf(c));
    await next();
  });
  readRoutes(app);
  for (const route of WRITE_ROUTES) mountWrite(app, route);
  app.onError((error, c: C) => {
    if (error instanceof Refusal) return refusedResponse(c, error);
    report(error);
    return problemResponse(refusalFor(error, c.req.method === "POST"));
  });
  return app;
}

/** A problem document, or the page for an address that leads to no page of the site. */
async function refusedResponse({ req, var: { deployment } }: C, refusal: Refusal) {
  const isPage = !isApiPath(req.path) && (req.method === "GET" || req.method === "HEAD");
  if (!isPage || refusal.problem !== "not-found") return problemResponse(refusal);
  const page = await missingPage((await deployment.sitePage?.("/404")) ?? null);
  return new Response(page, { status: 404, headers: { "content-type": HTML } });
}

const RETRY_SECONDS = 5;

/**
 * Nothing of an unforeseen error reaches the client, as a driver's message holds SQL and parameters. A connection may
 * break after everything is stored and before the answer arrives: then the client does not know whether it was.
 */
function refusalFor(error: unknown, isWrite: boolean): Refusal {
  const fault = localFault(error);
  if (fault !== null)
    return new Refusal("unexpected", `The server's own memory, disk or files failed (${fault}).`);
  if (!isUnavailable(error))
    return new Refusal(
      "unexpected",
      isWrite ? "Nothing was stored; the operator can see why." : "The operator can see why.",
    );
  const again = isWrite ? "; what was accepted already is not stored twice." : ".";
  return new Refusal("unavailable", `Try again in a moment${again}`, [], RETRY_SECONDS);
}

/** Every route that reads. Each is defined once, and mounted, cached and described from its definition. */
export const ROUTES: readonly ReadRoute[] = [
  ...[boards, sentences, measures, ...entries, compare, badge, ...challengesRead, keysRead],
  ...[...protocols, ...log, ids, receipts, ...exports, ...schemas, health, problems],
  entryPageRoute,
];

/** Comes before the routes that write, so that they get the headers as well. */
function readRoutes(app: App): void {
  const answers = createReadAnswers();
  app.use(sitePolicy);
  app.use(securityHeaders, crossOrigin);
  app.use(async (c, next) => {
    await next();
    if (c.req.method === "POST" && c.res.status === 201) answers.expire();
  });
  const describe = (): OpenApiDocument => openApiDocument(described, WRITE_ROUTES);
  const described = [...ROUTES, contents(() => describe())];
  for (const route of [...described, ...docs(describe)]) mountRead(app, route, answers);
  for (const route of [described.at(-1)!, entryPageRoute]) mountWithSlash(app, route, answers);
  answerMissing(app);
}

/** Replaces the policy of the API's own pages, as pages of the site run its scripts. */
const sitePolicy: MiddlewareHandler = async (c, next) => {
  await next();
  if (!isApiPath(c.req.path) && c.res.headers.get("content-type") === HTML)
    c.res.headers.set("content-security-policy", SITE_POLICY);
};

/** Pages of the API have a style sheet, and one script that sets the visitor's theme. */
const securityHeaders: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    scriptSrc: [THEME_SOURCE],
    imgSrc: ["'self'", "data:"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: "strict-origin-when-cross-origin",
  crossOriginResourcePolicy: "cross-origin", // badges and exports are for other sites
  strictTransportSecurity: false, // a matter of who terminates TLS; the local server has none
  xFrameOptions: "DENY",
  xPermittedCrossDomainPolicies: false,
  xDownloadOptions: false,
  xDnsPrefetchControl: false,
  originAgentCluster: false,
});

const preflight = cors({
  origin: "*",
  allowMethods: ["GET", "HEAD"],
  allowHeaders: ["if-none-match"],
  maxAge: 86_400,
});

/**
 * Any page may read, without credentials; pages of other sites may not write.
 *
 * The two headers are set on the finished answer. `hono/cors` sets them before, and Hono then copies every body into the
 * response that it has begun; collecting that garbage delayed one reader in twenty.
 */
const crossOrigin: MiddlewareHandler = async (c, next) => {
  if (c.req.method === "OPTIONS") return preflight(c, next);
  await next();
  if (c.req.method !== "GET" && c.req.method !== "HEAD") return;
  c.res.headers.set("access-control-allow-origin", "*");
  c.res.headers.set("access-control-expose-headers", "etag,age,warning,retry-after");
};

type C = Context<{ Variables: Variables }>;

/** Mounts a route that reads. */
function mountRead(app: App, route: ReadRoute, answers: ReadAnswers): void {
  app.get(honoPath(route), reader(route, answers));
}

/** Mounts it also with a slash at the end of its address, which the description does not mention. */
function mountWithSlash(app: App, route: ReadRoute, answers: ReadAnswers): void {
  const read = reader(route, answers);
  const isRead = ({ req }: C) => req.method === "GET" || req.method === "HEAD";
  app.all(`${honoPath(route)}/`, (c) => (isRead(c) ? read(c) : c.notFound()));
}

function reader(route: ReadRoute, answers: ReadAnswers): (c: C) => Promise<Response> {
  const suffixes = suffixesOf(route);
  return async (c) => {
    const given = c.req.param() as Record<string, string>;
    const params = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, cut(value, suffixes.get(name) ?? "")]),
    );
    const response = await answers.answer(route, {
      deployment: c.var.deployment,
      params: readParams(route.params, params),
      query: readQuery(route.query, new URL(c.req.url).searchParams),
      known: c.req.header("if-none-match"),
    });
    if (c.req.method === "HEAD" && response.body) await response.body.cancel(); // gives its connection back
    return c.req.method === "HEAD" ? new Response(null, response) : response;
  };
}

const PARAMETER = /^\{(\w+)\}(.*)$/;

/** `{name}.csv` is a parameter followed by something fixed. */
function honoPath({ path, greedy }: ReadRoute): string {
  const parts = path.split("/").map((part) => {
    const [, name, suffix = ""] = PARAMETER.exec(part) ?? [];
    if (name === undefined) return part;
    if (name === greedy) return `:${name}{.+}`;
    return suffix === "" ? `:${name}` : `:${name}{.+${suffix.replaceAll(".", "\\.")}}`;
  });
  return parts.join("/");
}

function suffixesOf({ path }: ReadRoute): Map<string, string> {
  const parts = path.split("/").flatMap((part) => {
    const [, name, suffix] = PARAMETER.exec(part) ?? [];
    return name === undefined ? [] : [[name, suffix!] as const];
  });
  return new Map(parts);
}

function cut(value: string, suffix: string): string {
  return value.slice(0, value.length - suffix.length);
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** 405 with `Allow` where another method would have found something, 404 elsewhere. */
function answerMissing(app: App): void {
  app.notFound((c) => {
    const found = METHODS.filter((method) =>
      app.router.match(method, c.req.path)[0].some(([[, route]]) => route.method === method),
    );
    if (found.length === 0)
      return refusedResponse(
        c,
        new Refusal("not-found", `Nothing is at ${shortened(c.req.path)}.`),
      );
    const allowed = found.includes("GET") ? ["GET", "HEAD", ...found.slice(1)] : found;
    const detail = `${shortened(c.req.path)} takes ${allowed.join(", ")}.`;
    const response = problemResponse(new Refusal("method-not-allowed", detail));
    response.headers.set("allow", allowed.join(", "));
    return response;
  });
}

function shortened(path: string): string {
  return path.length > 80 ? `${path.slice(0, 77)}...` : path;
}

/** The addresses of the API; all others are files of the site. The same list as in `wrangler.toml`. */
export const API_PATHS = ["/v1", "/v1/*", "/openapi.json", "/docs", "/problems/*"] as const;

export function isApiPath(path: string): boolean {
  return API_PATHS.some((each) =>
    each.endsWith("*") ? path.startsWith(each.slice(0, -1)) : path === each,
  );
}

/** @file Puts read routes into an application, with the answers to methods that an address does not take. */

import type { Context } from "hono";
import type { App, Variables } from "../variables.ts";
import { problemResponse, Refusal } from "../problem.ts";
import type { ReadAnswers } from "./read-answers.ts";
import { readParams, readQuery } from "./read-parameters.ts";
import type { ReadRoute } from "./read-route.ts";

type C = Context<{ Variables: Variables }>;

export function mountRead(app: App, route: ReadRoute, answers: ReadAnswers): void {
  app.get(honoPath(route), reader(route, answers));
}

/** The same with a slash behind it, which no description names. */
export function mountWithSlash(app: App, route: ReadRoute, answers: ReadAnswers): void {
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
      home: c.var.home,
      params: readParams(route.params, params),
      query: readQuery(route.query, new URL(c.req.url).searchParams),
      known: c.req.header("if-none-match"),
    });
    if (c.req.method === "HEAD" && response.body) await response.body.cancel(); // gives its connection back
    return c.req.method === "HEAD" ? new Response(null, response) : response;
  };
}

const PARAMETER = /^\{(\w+)\}(.*)$/;

/** `{name}.csv` is a parameter with something fixed behind it. */
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
export function answerMissing(app: App): void {
  app.notFound((c) => {
    const found = METHODS.filter((method) =>
      app.router.match(method, c.req.path)[0].some(([[, route]]) => route.method === method),
    );
    if (found.length === 0)
      return problemResponse(new Refusal("not-found", `Nothing is at ${shortened(c.req.path)}.`));
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

/** @file The HTTP API: a function of a home, so that tests call it without a network. */

import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { DatabaseUnavailable, type Home } from "./home.ts";
import { problemResponse, Refusal } from "./problem.ts";

/** What routes find in `c.var`. */
export interface Variables {
  home: Home;
}
export type App = OpenAPIHono<{ Variables: Variables }>;

/** @param homeOf called for every request, as a Worker gets its settings and its connection with it. */
export function createApp(homeOf: (c: Context) => Home): App {
  const app: App = new OpenAPIHono();
  app.use(async (c, next) => {
    c.set("home", homeOf(c));
    await next();
  });
  app.notFound((c) => problemResponse(new Refusal("not-found", `Nothing is at ${c.req.path}.`)));
  app.onError(answerError);
  return app;
}

/** Nothing of an unforeseen error reaches the client: a driver's message holds SQL and parameters. */
function answerError(error: unknown): Response {
  if (error instanceof Refusal) return problemResponse(error);
  if (error instanceof DatabaseUnavailable)
    return problemResponse(
      new Refusal("unavailable", "Nothing was stored. Try again in a moment.", [], 5),
    );
  return problemResponse(
    new Refusal("unexpected", "Nothing was stored; the operator can see why."),
  );
}

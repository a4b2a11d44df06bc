/** @file The HTTP API: a function of a home, so that tests call it without a network. */

import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { isUnavailable } from "../db/home/unavailable.ts";
import type { Home } from "./home.ts";
import { problemResponse, Refusal } from "./problem.ts";
import { readRoutes } from "./routes/read-routes.ts";
import { writeRoutes } from "./routes/write-routes.ts";
import type { App, Variables } from "./variables.ts";

export type { App, Variables };

/**
 * @param homeOf called for every request, as a Worker gets its settings and its connection with it.
 * @param report tells the operator of errors that are not the client's.
 */
export function createApp(
  homeOf: (c: Context) => Home,
  report: (error: unknown) => void = () => undefined,
): App {
  const app: App = new OpenAPIHono();
  app.use(async (c, next) => {
    c.set("home", homeOf(c));
    await next();
  });
  readRoutes(app);
  writeRoutes(app);
  app.onError((error) => {
    if (!(error instanceof Refusal)) report(error);
    return answerError(error);
  });
  return app;
}

/** Nothing of an unforeseen error reaches the client: a driver's message holds SQL and parameters. */
function answerError(error: unknown): Response {
  if (error instanceof Refusal) return problemResponse(error);
  if (isUnavailable(error))
    return problemResponse(
      new Refusal("unavailable", "Nothing was stored. Try again in a moment.", [], 5),
    );
  return problemResponse(
    new Refusal("unexpected", "Nothing was stored; the operator can see why."),
  );
}

/** @file The HTTP API: a function of a home, so that tests call it without a network. */

import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { isUnavailable, localFault } from "../db/home/unavailable.ts";
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
  app.onError((error, c) => {
    if (error instanceof Refusal) return problemResponse(error);
    report(error);
    return problemResponse(refusalFor(error, c.req.method === "POST"));
  });
  return app;
}

const RETRY_SECONDS = 5;

/**
 * Nothing of an unforeseen error reaches the client: a driver's message holds SQL and parameters. A connection may break
 * when everything is stored but the answer: then nobody knows.
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

/** @file What routes are mounted on, and what they find in `c.var`. */

import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Home } from "./home.ts";

export interface Variables {
  home: Home;
}
export type App = OpenAPIHono<{ Variables: Variables }>;

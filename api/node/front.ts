/** @file API and site on one port, compressed for whoever can read that, as a Worker's edge does it. */

import { Hono } from "hono";
import { compress } from "hono/compress";
import { isApiPath } from "../api-paths.ts";
import { compressedOnce } from "./compressed-once.ts";
import { conditional } from "./conditional.ts";
import type { Fetch } from "./listening.ts";

export function createFront(api: { fetch: Fetch }, site: { fetch: Fetch }): { fetch: Fetch } {
  const front = new Hono();
  front.use(compress(), compressedOnce());
  front.all("*", (c) => (isApiPath(c.req.path) ? api : site).fetch(c.req.raw, c.env as object));
  return { fetch: conditional((request, env) => front.fetch(request, env)) };
}

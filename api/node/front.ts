/** @file API and site on one port, compressed for whoever can read that, as a Worker's edge does it. */

import { Hono } from "hono";
import { compress } from "hono/compress";
import { isApiPath } from "../api-paths.ts";
import { isEntryPage } from "../routes/entry-page.ts";
import { compressedOnce } from "./compressed-once.ts";
import { conditional } from "./conditional.ts";
import type { Fetch } from "./listening.ts";

export function createFront(api: { fetch: Fetch }, site: { fetch: Fetch }): { fetch: Fetch } {
  const front = new Hono();
  front.use(compress(), compressedOnce());
  front.all("*", async (c) => {
    const ask = (place: { fetch: Fetch }) => place.fetch(c.req.raw, c.env as object);
    if (isApiPath(c.req.path)) return ask(api);
    const page = await ask(site);
    if (page.status !== 404 || !isEntryPage(c.req.path)) return page;
    const drawn = await ask(api); // newer than the site
    return drawn.status === 404 ? page : drawn;
  });
  return { fetch: conditional((request, env) => front.fetch(request, env)) };
}

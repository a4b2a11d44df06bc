/** @file The site's files on the port of the API, with the headers that its `_headers` file asks for. */

import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { conditioned } from "./conditional.ts";
import { headersFor, parseHeaders, type HeaderRule } from "./site-headers.ts";

const BUILT = fileURLToPath(new URL("../../dist/site", import.meta.url));
const START_PAGE = new URL("../start-page.html", import.meta.url);

/** @param folder the built site; without one there is a start page. */
export function createSite(folder = BUILT): Hono {
  const site = new Hono();
  if (!existsSync(join(folder, "index.html")))
    return site.get("/", (c) => c.html(readFileSync(START_PAGE, "utf8")));
  const rules = readRules(join(folder, "_headers"));
  site.use(async (c, next) => {
    await next();
    if (c.req.method === "GET" || c.req.method === "HEAD") {
      const answer = await conditioned(c.req.raw, c.res);
      c.res = undefined; // else its headers would be merged into the new one's
      c.res = answer;
    }
    for (const [name, value] of headersFor(c.req.path, rules)) c.header(name, value);
  });
  site.on(["GET", "HEAD"], "/_headers", (c) => c.notFound());
  site.use(serveStatic({ root: folder }));
  const missing = join(folder, "404.html");
  return site.notFound((c) =>
    existsSync(missing) ? c.html(readFileSync(missing, "utf8"), 404) : c.text("Not found", 404),
  );
}

/** The page that draws any entry, as it is now: a site may be built while a server runs. */
export function entryShell(folder = BUILT): () => Promise<string | null> {
  return () => readFile(join(folder, "entries/index.html"), "utf8").catch(() => null);
}

function readRules(path: string): HeaderRule[] {
  return existsSync(path) ? parseHeaders(readFileSync(path, "utf8")) : [];
}

/** @file A server in this process: API and site on one port, until it is told to end. */

import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono } from "hono";
import { compress } from "hono/compress";
import {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
  createServer,
} from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Db } from "../../db/db.ts";
import { withheldStatements } from "../../db/read/withheld.ts";
import { isUnavailable } from "../../db/stores/unavailable.ts";
import { createApp, isApiPath } from "../app.ts";
import type { SitePage } from "../deployment.ts";
import { createNodeDeployment } from "../node-deployment.ts";
import type { Settings } from "../server-settings.ts";
import { upkeep } from "../accept/expire-challenges.ts";
import { openDatabase, openKeeper } from "./open-database.ts";
import { names } from "../read/read-answers.ts";
import { rankInThread } from "./rank-thread.ts";
import { compressedOnce } from "./compressed-once.ts";
import { OperatorError } from "../../db/db.ts";
import { Refusal, problemDocument } from "../problem-answer.ts";

const UPKEEP_MILLISECONDS = 60_000;

interface ServeOptions {
  settings: Settings;
  folder: string;
  host: string;
  /** 0: any that is free. */
  port: number;
  report: (error: unknown) => void;
  /** Folder of the built site; dist/site unless given. */
  site?: string;
}

export interface RunningServer {
  url: string;
  /** Finishes requests, closes the database and gives the folder back. */
  close(): Promise<void>;
}

/**
 * Takes the port first, so that one that is taken is told before a database is made or opened; requests wait until it is.
 *
 * @throws OperatorError for a database, a key or a port that cannot be used.
 */
export async function serve(serving: ServeOptions): Promise<RunningServer> {
  const { promise: opened, resolve: open, reject: abandon } = Promise.withResolvers<Fetch>();
  opened.catch(() => undefined); // no request may be waiting
  const server = createHttpServer(async (...request) => (await opened)(...request));
  const url = await listen(server, serving.host, serving.port);
  try {
    const { fetch, close } = await openFront(serving);
    open(fetch);
    return { url, close: () => closeServer(server).then(close) };
  } catch (error) {
    abandon(error);
    await closeServer(server);
    throw error;
  }
}

/** @returns with `close`, which finishes what goes on after answers and closes the database. */
async function openFront(
  serving: ServeOptions,
): Promise<{ fetch: Fetch; close: () => Promise<void> }> {
  const { settings, folder, report } = serving;
  const { db, tidy, close } = await openDatabase(settings, folder, report);
  try {
    const keeper = await openKeeper(settings, folder, db);
    const { operators, limits } = settings;
    const options = { operators, limits, rank: rankInThread, sitePage: sitePages(serving.site) };
    const node = createNodeDeployment({ db, keeper, ...options, report });
    const addressOf = (c: Context) => {
      const connection = getConnInfo(c).remote.address ?? null;
      return clientAddress(connection, c.req.header("x-forwarded-for"), settings.hasProxy);
    };
    const api = createApp((c) => node.deployment(addressOf(c)), report);
    const site = createSite(serving.site);
    const { fetch } = createFront(api, site, withheldEntries(db));
    const deployment = node.deployment(null);
    const keepUp = () => deployment.after(() => upkeep(deployment, report).then(tidy));
    keepUp();
    const timer = setInterval(keepUp, UPKEEP_MILLISECONDS);
    const end = async () => {
      clearInterval(timer);
      await node.settle();
      await close();
    };
    return { fetch, close: end };
  } catch (error) {
    await close();
    throw error;
  }
}

const BUILT = fileURLToPath(new URL("../../dist/site", import.meta.url));
const START_PAGE = new URL("../start-page.html", import.meta.url);

/** While it answers it knows which file it found. */
type Site = Hono<{ Variables: { file?: string } }>;

/** @param folder the built site; without one there is a start page. */
export function createSite(folder = BUILT): Site {
  const site: Site = new Hono();
  if (!existsSync(join(folder, "index.html")))
    return site.get("/", (c) => c.html(readFileSync(START_PAGE, "utf8")));
  const rules = readRules(join(folder, "_headers"));
  site.use(async (c, next) => {
    await next();
    const file = c.get("file");
    if (file !== undefined) c.header("etag", fileTag(file));
    if (c.req.method === "GET" || c.req.method === "HEAD") {
      const answer = await conditioned(c.req.raw, c.res);
      c.res = undefined; // else its headers would be merged into the new one's
      c.res = answer;
    }
    for (const [name, value] of headersFor(c.req.path, rules)) c.header(name, value);
  });
  site.on(["GET", "HEAD"], "/_headers", (c) => c.notFound());
  site.use(serveStatic({ root: folder, onFound: (path, c) => c.set("file", path) }));
  const missing = join(folder, "404.html");
  return site.notFound((c) =>
    existsSync(missing) ? c.html(readFileSync(missing, "utf8"), 404) : c.text("Not found", 404),
  );
}

/** Strong, as a build that changes a file changes its time; of its place, too, as answers are kept by their tags. */
function fileTag(path: string): string {
  const { size, mtimeMs } = statSync(path);
  const named = createHash("sha256").update(`${resolve(path)} ${size} ${mtimeMs}`);
  return `"${named.digest("base64url")}"`;
}

/** Reads pages anew each time, as a site may be built while a server runs. */
export function sitePages(folder = BUILT): (address: SitePage) => Promise<string | null> {
  return (address) => {
    const file = address.endsWith("/") ? `${address}index.html` : `${address}.html`;
    return readFile(join(folder, file), "utf8").catch(() => null);
  };
}

function readRules(path: string): HeaderRule[] {
  return existsSync(path) ? parseHeaders(readFileSync(path, "utf8")) : [];
}

/**
 * @param forwarded the header X-Forwarded-For: each proxy appends the address it was called from, so only the last
 *   one was written by ours; everything before may be the client's invention.
 * @param hasProxy is every connection one of our own proxy's?
 */
export function clientAddress(
  connection: string | null,
  forwarded: string | undefined,
  hasProxy: boolean,
): string | null {
  const last = hasProxy ? forwarded?.split(",").at(-1)?.trim() : undefined;
  return last || connection;
}

/** Anything that answers requests, such as a Hono application. @param env what the connection is known by. */
type Fetch = (request: Request, env?: object) => Response | Promise<Response>;

/** Answers requests that name exactly one host, as HTTP/1.1 requires. */
export function createHttpServer(fetch: Fetch): Server {
  return createAdaptorServer({
    fetch,
    hostname: "localhost", // for HTTP/1.0, which may name no host
    serverOptions: { requireHostHeader: false }, // answered below, with a problem document
    createServer: ((options: ServerOptions, answer: RequestListener) =>
      createServer(options, (incoming, outgoing) => {
        const fault = hostFault(incoming);
        if (fault === null) answer(incoming, outgoing);
        else refuse(outgoing, fault);
      })) as typeof createServer,
  }) as Server;
}

/** A name, or an address in brackets, and perhaps a port (RFC 9110 section 7.2). */
const HOST = /^(\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(:\d*)?$/i;

/** RFC 9112 section 3.2. Null where nothing is wrong; HTTP/1.0 may omit the field. */
function hostFault({ rawHeaders, httpVersion }: IncomingMessage): string | null {
  const hosts = rawHeaders.filter((_, i) => i % 2 === 1 && /^host$/i.test(rawHeaders[i - 1]!));
  if (hosts.length > 1) return "The request has more than one Host field.";
  const [host] = hosts;
  if (host === undefined) return httpVersion === "1.0" ? null : "The request has no Host field.";
  if (HOST.test(host) && URL.canParse(`http://${host}`)) return null;
  return "The request's Host field names no host.";
}

/** Closes the connection, as what follows on it may be a smuggled request. */
function refuse(outgoing: ServerResponse, fault: string): void {
  const document = problemDocument(new Refusal("malformed-request", fault));
  outgoing.writeHead(document.status, {
    "content-type": "application/problem+json",
    connection: "close",
  });
  outgoing.end(JSON.stringify(document));
}

/** How long running requests may take after the server is told to end. */
const PATIENCE_MILLISECONDS = 10_000;

/** @returns the server's address. @throws OperatorError for a port that cannot be used. */
export function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portError(error, host, port)));
    server.listen(port, host, () => {
      const { port: actual } = server.address() as AddressInfo;
      resolve(`http://${host.includes(":") ? `[${host}]` : host}:${actual}`);
    });
  });
}

function portError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === "EADDRINUSE")
    return new OperatorError(
      `port ${port} of ${host} is taken: choose another with --port (0: any).`,
      { cause: error },
    );
  if (error.code === "EACCES")
    return new OperatorError(
      `port ${port} may not be used by this account: choose one from 1024 up.`,
    );
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return new OperatorError(`${host} is no address of this machine.`);
  return error;
}

/** Lets running requests finish. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const patience = setTimeout(() => server.closeAllConnections(), PATIENCE_MILLISECONDS);
    server.close(() => {
      clearTimeout(patience);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** In any case, as on some file systems a page is found by any. */
const ENTRY_PAGE = /^\/entries\/([0-9a-f]{64})(\/|$)/i;

/**
 * Whether an entry's page, as it was built, shows source that is withheld by now; while the database is away, whether it
 * did when this server last asked, as pages go on being served.
 */
export function withheldEntries(db: Db): (id: string) => Promise<boolean> {
  const known = new Set<string>();
  return async (id) => {
    try {
      if ((await withheldStatements(db, id)).has(id)) known.add(id);
      else known.delete(id);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
    }
    return known.has(id);
  };
}

/**
 * API and site on one port, compressed for clients that accept it, as a Worker's edge does.
 *
 * @param isWithheld of an entry's id; of such an entry the API draws the page, as of one that is newer than the site.
 */
export function createFront(
  api: { fetch: Fetch },
  site: { fetch: Fetch },
  isWithheld: (id: string) => Promise<boolean> = () => Promise.resolve(false),
): { fetch: Fetch } {
  const front = new Hono();
  front.use(compress(), compressedOnce());
  front.all("*", async (c) => {
    const ask = (place: { fetch: Fetch }) => place.fetch(c.req.raw, c.env as object);
    const [, id] = ENTRY_PAGE.exec(c.req.path) ?? [];
    const isApis =
      isApiPath(c.req.path) || (id !== undefined && (await isWithheld(id.toLowerCase())));
    if (isApis) return ask(api);
    const file = await ask(site);
    return file.status === 404 ? ask(api) : file; // an entry newer than the site, or nothing
  });
  return { fetch: conditional((request, env) => front.fetch(request, env)) };
}

/** Headers that are removed before the answer is made; so is `range`, for HEAD and where it may be of another file. */
const CONDITIONS = ["if-none-match", "if-modified-since"];

/** @param get answers every method, and GET as if the request had no condition. */
function conditional(get: Fetch): Fetch {
  return async (request, env) => {
    const { method, headers } = request;
    const isHead = method === "HEAD";
    if (!isHead && (method !== "GET" || !isConditional(headers))) return get(request, env);
    const asked = new Headers(headers);
    for (const name of CONDITIONS) asked.delete(name);
    if (isHead || headers.has("if-range")) asked.delete("range");
    return conditioned(request, await get(new Request(request.url, { headers: asked }), env));
  };
}

/** @param answer what GET would get, for a request by GET or HEAD. */
function conditioned(
  { method, headers }: Pick<Request, "method" | "headers">,
  answer: Response,
): Response | Promise<Response> {
  if (isUnmodified(headers, answer)) return withoutBody(answer, 304);
  return method === "HEAD" ? withoutBody(answer, answer.status) : answer;
}

function isConditional(headers: Headers): boolean {
  return [...CONDITIONS, "if-range"].some((name) => headers.has(name));
}

/** RFC 9110 section 13.2.2: tags take precedence over dates, and only a successful answer can be unmodified. */
function isUnmodified(asked: Headers, { status, headers }: Response): boolean {
  if (status !== 200 && status !== 206) return false;
  const known = asked.get("if-none-match");
  const etag = headers.get("etag");
  if (known !== null) return known.trim() === "*" || (etag !== null && names(known, etag));
  const since = Date.parse(asked.get("if-modified-since") ?? "");
  const modified = Date.parse(headers.get("last-modified") ?? "");
  return modified <= since; // not where either is no date
}

/** Headers about the body, of no use without one (section 15.4.5). */
const OF_THE_BODY = /^content-(type|length|encoding|range|disposition|language)$/;

async function withoutBody(answer: Response, status: number): Promise<Response> {
  const headers = new Headers(answer.headers);
  if (status === 304)
    for (const name of answer.headers.keys()) if (OF_THE_BODY.test(name)) headers.delete(name);
  await answer.body?.cancel(); // gives back what it is read from
  return new Response(null, { status, headers });
}

/** A site's `_headers` file, as Cloudflare reads it: a path pattern, then its headers, indented. */
interface HeaderRule {
  pattern: RegExp;
  headers: [name: string, value: string][];
}

/** Patterns may hold `*`; all rules that fit a path apply. */
function parseHeaders(text: string): HeaderRule[] {
  const rules: HeaderRule[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (!/^\s/.test(line)) {
      rules.push({ pattern: patternOf(line.trim()), headers: [] });
      continue;
    }
    const colon = line.indexOf(":");
    rules.at(-1)?.headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  return rules;
}

function headersFor(path: string, rules: readonly HeaderRule[]): HeaderRule["headers"] {
  return rules.filter(({ pattern }) => pattern.test(path)).flatMap(({ headers }) => headers);
}

function patternOf(path: string): RegExp {
  const parts = path.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

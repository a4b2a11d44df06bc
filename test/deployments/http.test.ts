import { connect } from "node:net";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Server } from "node:http";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ZodType } from "zod";
import {
  closeServer,
  createFront,
  createHttpServer,
  createSite,
  listen,
  sitePages,
} from "../../api/node/serve.ts";
import { LIMITS } from "../../api/deployment.ts";
import { ROUTES, createApp } from "../../api/app.ts";
import { HTML } from "../../api/read/html-page.ts";
import { SITE_POLICY } from "../../api/read/entry-page.ts";
import { entries, keyNames } from "../../db/schema.ts";
import { ChallengeList } from "../../record/answers/documents.ts";
import { listedCustom } from "../world/custom-results.ts";
import { everyRoute, openEventfulRoom } from "../world/laboratory.ts";
import { problemOf } from "../world/visitor.ts";

const folder = mkdtempSync(join(tmpdir(), "rademark-http-"));
const MODIFIED = new Date("2026-03-01T12:00:00.700Z");
const FILES = ["index.html", "404.html", "log/index.html", "a.js", "a.png", "small.css"];
const BUILT = "b".repeat(64);
const SHELL =
  '<!DOCTYPE html><html lang="en"><head><title>Entry · Rademark</title>' +
  '<meta name="description" content="One"><meta property="og:title" content="Entry · Rademark">' +
  '<meta property="og:description" content="One"><link rel="icon" href="/favicon.svg"></head>' +
  '<body><div data-entry-page><h1>Entry</h1></div><script type="module" src="/a.js"></script></body></html>';
let eventful: Awaited<ReturnType<typeof openEventfulRoom>>;
let custom: string;
let server: Server;
let url: string;
let addresses: string[];
beforeAll(async () => {
  mkdirSync(join(folder, "log"));
  for (const file of FILES) {
    writeFileSync(join(folder, file), file.startsWith("small") ? "a" : "a word ".repeat(500));
    utimesSync(join(folder, file), MODIFIED, MODIFIED);
  }
  writeFileSync(join(folder, "_headers"), "/*\n  X-Frame: no\n");
  mkdirSync(join(folder, "entries", BUILT), { recursive: true });
  writeFileSync(join(folder, "entries/index.html"), SHELL);
  writeFileSync(join(folder, "entries", BUILT, "index.html"), "built");
  eventful = await openEventfulRoom();
  const { room } = eventful;
  custom = await listedCustom(room, { source: "a trunk\n" });
  const limits = { ...LIMITS, exports: { ...LIMITS.exports, requests: Infinity } };
  room.deployment.limits = limits;
  room.deployment.sitePage = sitePages(folder);
  const { challenges } = await room.read("/v1/challenges", ChallengeList);
  const routes = everyRoute(eventful, custom).flatMap((each) => each.addresses);
  addresses = [
    ...routes.map((each) => each.replace("CHALLENGE", challenges[0]!.challenge.id)),
    ...["/openapi.json", "/docs", "/v1/docs.css", "/v1", "/v1/"],
    ...["/v1/none", "/v1/results", "/v1/boards/micro-1?limit=x", "/none", "/_headers"],
    ...[
      `/entries/${eventful.ids[0]}`,
      `/entries/${eventful.ids[2]}/`,
      `/entries/${"0".repeat(64)}`,
    ],
    ...["/", "/log/", "/a.js", "/a.png", "/small.css"],
  ];
  server = createHttpServer(createFront(room.app, createSite(folder)).fetch);
  url = await listen(server, "127.0.0.1", 0);
});
afterAll(async () => {
  await closeServer(server);
  await eventful.room.close();
  rmSync(folder, { recursive: true });
});

/** Of the body, of the moment, or of the connection. */
const OWN = ["content-length", "transfer-encoding", "date", "connection", "keep-alive"];
const OF_THE_BODY = ["content-type", "content-encoding", "content-disposition"];

async function asked(address: string, method: string, headers: Record<string, string>) {
  const answer = await fetch(url + address, { method, headers });
  const body = await answer.arrayBuffer();
  const all = Object.fromEntries([...answer.headers].filter(([name]) => !OWN.includes(name)));
  return { status: answer.status, headers: all, bytes: body.byteLength };
}

const without = (headers: Record<string, string>, names: string[]) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));

test("HEAD and 304 bear the headers of GET, for every route and file, compressed and plain", async () => {
  let [tagged, dated] = [0, 0];
  for (const address of addresses)
    for (const accepted of ["br", "gzip", "identity", "deflate"]) {
      const plain = { "accept-encoding": accepted };
      const get = await asked(address, "GET", plain);
      const head = await asked(address, "HEAD", plain);
      expect([address, accepted, head]).toEqual([address, accepted, { ...get, bytes: 0 }]);
      const { etag, "last-modified": modified } = get.headers;
      const conditions = [
        ...(etag ? [{ "if-none-match": etag }, { "if-none-match": `"x", ${etag}` }] : []),
        ...(modified ? [{ "if-modified-since": modified }] : []),
        ...(get.status === 200 ? [{ "if-none-match": "*" }] : []),
      ];
      tagged += etag ? 1 : 0;
      dated += modified ? 1 : 0;
      for (const condition of conditions)
        for (const method of ["GET", "HEAD"]) {
          const known = await asked(address, method, { ...plain, ...condition });
          const expected = without(get.headers, OF_THE_BODY);
          expect([address, accepted, known]).toEqual([
            address,
            accepted,
            { status: 304, headers: expected, bytes: 0 },
          ]);
        }
    }
  expect(tagged).toBeGreaterThan(4 * (ROUTES.length - 5));
  expect(dated).toBe(4 * 5);
});

test("what may be compressed says so, and its tag is weak where it is", async () => {
  const board = "/v1/boards/micro-1";
  const packed = await asked(board, "HEAD", { "accept-encoding": "gzip" });
  expect(packed.headers).toMatchObject({ vary: "Accept-Encoding" });
  expect(packed.headers["etag"]).toMatch(/^W\//);
  const plain = await asked(board, "HEAD", { "accept-encoding": "identity" });
  expect(plain.headers["etag"]).toBe(packed.headers["etag"]!.slice(2));
});

test.each([
  ["the same second", "Sun, 01 Mar 2026 12:00:00 GMT", 304],
  ["a later one", "Mon, 02 Mar 2026 12:00:00 GMT", 304],
  ["an earlier one", "Sun, 01 Mar 2026 11:59:59 GMT", 200],
  ["no date", "yesterday", 200],
])("a file that was known at %s is answered by it", async (_, since, status) => {
  for (const address of ["/", "/a.js", "/a.png"]) {
    const answer = await asked(address, "GET", { "if-modified-since": since });
    expect([answer.status, answer.bytes > 0]).toEqual([status, status === 200]);
    expect(
      (await createSite(folder).request(address, { headers: { "if-modified-since": since } }))
        .status,
    ).toBe(status);
  }
  const tagged = { "if-modified-since": since, "if-none-match": '"x"' };
  expect((await asked("/a.js", "GET", tagged)).status).toBe(200); // a tag comes before a date
  expect((await asked("/none", "GET", { "if-modified-since": since })).status).toBe(404);
});

test("a part of a file is given, but not where it may be another file's, nor as a head", async () => {
  const range = { range: "bytes=0-3" };
  const part = await asked("/a.png", "GET", range);
  expect([part.status, part.bytes]).toEqual([206, 4]);
  expect((await asked("/a.png", "GET", { ...range, "if-range": '"x"' })).status).toBe(200);
  expect((await asked("/a.png", "HEAD", range)).status).toBe(200);
});

test("a number in a query is its digits alone", async () => {
  let tried = 0;
  for (const { route, addresses } of everyRoute(eventful, custom)) {
    const shape: Record<string, ZodType> = route.query.shape;
    for (const [name, schema] of Object.entries(shape)) {
      if (typeof schema.safeParse("3").data !== "number") continue;
      const base = `${addresses[0]}?${name}=`;
      const good = name === "size" ? await eventful.room.logSize() : 3;
      expect([base, (await eventful.room.get(base + good)).status]).toEqual([base, 200]);
      for (const odd of [
        "0x3",
        "%203",
        "3%20",
        "3e0",
        "+3",
        "%2B3",
        "3.0",
        "03",
        "-3",
        "",
        "٣",
        "3n",
        "0b11",
        "1_0",
        "Infinity",
      ]) {
        tried += 1;
        const answer = await eventful.room.get(base + odd);
        expect([base, odd, answer.status]).toEqual([base, odd, 400]);
        expect((await problemOf(answer)).errors).toMatchObject([{ pointer: `/${name}` }]);
      }
    }
  }
  expect(tried).toBeGreaterThan(60);
});

test("the API's root says in JSON what there is, and nothing below it is the site's", async () => {
  for (const path of ["/v1", "/v1/"]) {
    const answer = await fetch(url + path);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
    const { docs, routes } = (await answer.json()) as { docs: string; routes: { path: string }[] };
    expect((await fetch(url + docs)).status).toBe(200);
    expect(routes.length).toBeGreaterThan(ROUTES.length);
  }
  for (const path of ["/v1/none", "/v1/none/", "/v1//boards", "/v1/%00"])
    expect((await problemOf(await fetch(url + path))).name).toBe("not-found");
});

const TITLE = /<title>mlp-512 none on micro-1 · Rademark<\/title>/;
const DESCRIPTION =
  /<meta name="description" content="A signed result: mlp-512 none on micro-1, with its controls, counts and proofs." \/>/;

test("every listed entry's address answers with its title and description, drawn by a build or not", async () => {
  for (const id of eventful.ids)
    for (const end of ["", "/", "?from=a"]) {
      const answer = await fetch(`${url}/entries/${id}${end}`);
      const page = await answer.text();
      expect([id, end, answer.status]).toEqual([id, end, 200]);
      expect(page.match(/<title>/g)).toHaveLength(1);
      expect(page.match(/<meta (name="description"|property="og:)/g)).toHaveLength(3);
      expect(page).toContain('<script type="module" src="/a.js">'); // which draws all of it
      expect(answer.headers.get("content-security-policy")).toBe(SITE_POLICY);
    }
  const page = await (await fetch(`${url}/entries/${eventful.ids[0]}`)).text();
  expect(page).toMatch(TITLE);
  expect(page).toMatch(DESCRIPTION);
  for (const name of ["learned complexity", "capacity"])
    expect(page).toMatch(new RegExp(`<dt>${name}</dt>\\s*<dd>-?0\\.\\d{4} \\(95 % interval`));
  expect(page).not.toMatch(/canonical|og:url/); // nobody said where the site stands
  expect(await (await fetch(`${url}/entries/${BUILT}/`)).text()).toBe("built");
});

test("an entry that no build has drawn is known under the address that the site was built for", async () => {
  const file = join(folder, "entries/index.html");
  const told = '<html lang="en" data-site="https://rademark.test">';
  writeFileSync(file, SHELL.replace('<html lang="en">', told));
  const [id] = eventful.ids;
  for (const end of ["", "/", "?from=a"]) {
    const page = await (await fetch(`${url}/entries/${id}${end}`)).text();
    const head = page.split("</head>")[0]!;
    expect(head).toContain(`<link rel="canonical" href="https://rademark.test/entries/${id}/"`);
    expect(head).toMatch(
      new RegExp(`<meta\\s+property="og:url"\\s+content="https://rademark.test/entries/${id}/"`),
    );
  }
  writeFileSync(file, SHELL);
});

test("the address of no entry is not found, as a page", async () => {
  for (const path of ["0".repeat(64), eventful.reproduction, "x", eventful.ids[0]!.toUpperCase()]) {
    const answer = await fetch(`${url}/entries/${path}`);
    expect([path, answer.status]).toEqual([path, 404]);
    expect(answer.headers.get("content-type")).toContain("text/html");
  }
});

test("a script's policy is that of the site's files", () => {
  const rules = readFileSync(new URL("../../site/public/_headers", import.meta.url), "utf8");
  expect(rules).toContain(`Content-Security-Policy: ${SITE_POLICY}\n`);
});

test("without a site an entry has a plain page, and the first page says how to get the others", async () => {
  const { room, ids } = eventful;
  const bare = createFront(
    createApp(() => ({ ...room.deployment, sitePage: sitePages(join(folder, "log")) })),
    createSite(join(folder, "none")),
  );
  const get = async (path: string) => bare.fetch(new Request(`http://here${path}`));
  const answer = await get(`/entries/${ids[0]}`);
  const page = await answer.text();
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, HTML]);
  expect(page).toContain("<title>mlp-512 none on micro-1 · Rademark</title>");
  expect(page).toMatch(DESCRIPTION);
  expect(page).toContain(`<a href="/v1/entries/${ids[0]}">`);
  expect((await get(`/entries/${"0".repeat(64)}`)).status).toBe(404);
  const first = await (await get("/")).text();
  expect(first).toContain("npm run site:build");
  expect(first).toMatch(/<meta\s+name="description"/);
});

test("nothing that somebody wrote becomes markup of a page", async () => {
  const { room, ids } = eventful;
  const name = `"><script>alert('$&')</script>`;
  await room.db.update(keyNames).set({ name });
  const standing = sql`replace(${entries.standing}, 'a wrong seed', '</dd><img src=x>')`;
  await room.db.update(entries).set({ standing });
  for (const id of ids) {
    const page = await (await fetch(`${url}/entries/${id}`)).text();
    expect(page).toContain("&quot;&gt;&lt;script&gt;alert(&#39;$&amp;&#39;)&lt;/script&gt;");
    expect(page).not.toMatch(/<script>|<img/);
  }
});

/** The status of a request of these lines. */
function raw(...lines: string[]): Promise<string> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), "127.0.0.1", () =>
      socket.write(`${lines.join("\r\n")}\r\n\r\n`),
    );
    socket.on("data", (data) => (text += String(data))).on("error", reject);
    socket.on("close", () => resolve(text));
  });
}

const GET = "GET /v1/health HTTP/1.1";

test.each([
  ["two", ["Host: a", "Host: a"]],
  ["two of different names", ["Host: a", "HOST: b"]],
  ["none", ["Accept: */*"]],
  ["an empty one", ["Host:"]],
  ["one with a space", ["Host: a b"]],
  ["one with a path", ["Host: a/b"]],
  ["one with a login", ["Host: b@a"]],
  ["one with a port that is none", ["Host: a:x"]],
  ["one with a port too large", ["Host: a:99999"]],
  ["one in half a bracket", ["Host: [::1"]],
])("a request with %s for its Host is refused", async (_, lines) => {
  const answer = await raw(GET, ...lines);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toMatch(/connection: close/i);
  expect(answer).toContain("/problems/malformed-request");
});

test("two Host fields are refused in HTTP/1.0 as well, which may do without", async () => {
  expect(await raw("GET /v1/health HTTP/1.0")).toMatch(/^HTTP\/1\.1 200 /);
  expect(await raw("GET /v1/health HTTP/1.0", "Host: a", "Host: a")).toMatch(/^HTTP\/1\.1 400 /);
});

test.each(["a", "a.example:80", "127.0.0.1:8787", "[::1]:8787", "a_b", "xn--bcher-kva.example"])(
  "a request for the host %s is answered",
  async (host) => {
    expect(await raw(GET, `Host: ${host}`, "Connection: close")).toMatch(/^HTTP\/1\.1 200 /);
  },
);

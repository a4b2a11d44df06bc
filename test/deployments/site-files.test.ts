import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { describe, expect, test, afterAll } from "vitest";
import { drizzle } from "drizzle-orm/node-postgres";
import { createFront, createSite, withheldEntries } from "../../api/node/serve.ts";
import type { Db } from "../../db/db.ts";
import * as schema from "../../db/schema.ts";
import { compressedOnce } from "../../api/node/compressed-once.ts";

const rows = JSON.stringify(Array.from({ length: 500 }, (_, row) => ({ row })));
const api = new Hono().get("/v1/rows", (c) => c.json(JSON.parse(rows), 200, { etag: '"abc"' }));
const page = `<html>${"a word ".repeat(500)}`;
const site = new Hono().get("/", (c) => c.html(page));
const front = createFront(api, site);

const ask = (path: string, headers = {}) =>
  front.fetch(new Request(`http://here${path}`, { headers }));

const UNPACK = { gzip: gunzipSync, br: brotliDecompressSync };

test.each([
  ["/v1/rows", rows, "gzip"],
  ["/", page, "gzip"],
  ["/v1/rows", rows, "br"],
] as const)(
  "%s is sent compressed to whoever reads it, and plain to others",
  async (path, text, coding) => {
    const packed = await ask(path, { "accept-encoding": coding === "br" ? "gzip, br" : coding });
    const bytes = Buffer.from(await packed.arrayBuffer());
    expect(packed.headers.get("content-encoding")).toBe(coding);
    expect(packed.headers.get("vary")).toMatch(/accept-encoding/i);
    expect(bytes.length).toBeLessThan(text.length / 2);
    expect(UNPACK[coding](bytes).toString()).toBe(text);
    const plain = await ask(path);
    expect([plain.headers.get("content-encoding"), await plain.text()]).toEqual([null, text]);
  },
);

const ENTRY = "a".repeat(64);

test("the built page of an entry whose source is withheld is not served, in whatever case it is asked for", async () => {
  const built = new Hono().get("*", (c) => c.text("built"));
  const drawn = new Hono().get("*", (c) => c.text("drawn"));
  const fresh = createFront(drawn, built, (id) => Promise.resolve(id === ENTRY));
  const text = async (path: string) =>
    (await fresh.fetch(new Request(`http://here${path}`))).text();
  expect(await text(`/entries/${ENTRY}/`)).toBe("drawn");
  expect(await text(`/Entries/${ENTRY.toUpperCase()}/`)).toBe("drawn");
  expect(await text(`/entries/${"b".repeat(64)}/`)).toBe("built");
});

test("built pages of entries are served while the database is away", async () => {
  const db = drizzle("postgres://nobody@127.0.0.1:1/none", { schema, casing: "snake_case" }) as Db;
  expect(await withheldEntries(db)(ENTRY)).toBe(false);
});

describe("the site's files", () => {
  const folder = mkdtempSync(join(tmpdir(), "rademark-site-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("without a built site there is a page with the way to the API", async () => {
    const site = createSite(folder);
    expect(await (await site.request("/")).text()).toContain('href="/docs"');
    expect((await site.request("/elsewhere")).status).toBe(404);
  });

  test("the built site's files carry the headers that its _headers file asks for", async () => {
    mkdirSync(join(folder, "built/assets"), { recursive: true });
    const write = (name: string, text: string) => writeFileSync(join(folder, "built", name), text);
    write("index.html", "<html>here");
    write("404.html", "<html>not here");
    write("assets/a.js", "1");
    write("_headers", "/*\n  X-Frame: no\n\n/assets/*\n  Cache-Control: immutable\n");
    const site = createSite(join(folder, "built"));
    const index = await site.request("/");
    expect([await index.text(), index.headers.get("x-frame")]).toEqual(["<html>here", "no"]);
    expect(index.headers.get("cache-control")).toBeNull();
    expect((await site.request("/assets/a.js")).headers.get("cache-control")).toBe("immutable");
    for (const path of ["/none", "/_headers", "/..%2f_headers", "/%2e%2e/%2e%2e/package.json"]) {
      const missing = await site.request(path);
      expect([missing.status, await missing.text()]).toEqual([404, "<html>not here"]);
    }
  });
});

const text = "a word ".repeat(500);
const headers = (etag: string) => ({ etag, "content-type": "text/plain", vary: "Origin" });

/** @param mostBytes of what is kept. */
function openServer(mostBytes?: number) {
  let reads = 0;
  const app = new Hono();
  app.use(compressedOnce(mostBytes));
  app.get("/:etag", (c) => {
    const pull = (controller: ReadableStreamDefaultController) => {
      reads++;
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    };
    const body = new ReadableStream({ pull }, { highWaterMark: 0 }); // pulled once somebody reads
    const etag = c.req.param("etag");
    return c.body(body, 200, headers(etag.startsWith("W") ? `W/"${etag}"` : `"${etag}"`));
  });
  const ask = async (path: string, accepted = "gzip, deflate, br, zstd") => {
    const answer = await app.request(path, { headers: { "accept-encoding": accepted } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const coding = answer.headers.get("content-encoding") as keyof typeof UNPACK | null;
    expect((coding === null ? bytes : UNPACK[coding](bytes)).toString()).toBe(text);
    return { coding, headers: answer.headers };
  };
  return { ask, reads: () => reads };
}

test("what bears the same tag is compressed once, and says that it depends on the encoding asked for", async () => {
  const { ask, reads } = openServer();
  for (let i = 0; i < 3; i++) {
    const { coding, headers } = await ask("/a");
    expect(coding).toBe("br");
    expect([headers.get("etag"), headers.get("vary")]).toEqual([
      'W/"a"',
      "Origin, Accept-Encoding",
    ]);
  }
  expect(reads()).toBe(1);
  expect((await ask("/a", "gzip")).coding).toBe("gzip"); // never the bytes of another coding
  expect((await ask("/a")).coding).toBe("br");
  expect(reads()).toBe(2);
});

test("nothing is compressed for whoever did not ask for it, nor what has no strong tag", async () => {
  const { ask } = openServer();
  for (const accepted of ["zstd", "gzip;q=0", "br;q=0", ""])
    expect((await ask("/a", accepted)).coding).toBe(null);
  expect((await ask("/Weak")).coding).toBe(null);
});

test("the longest unused is forgotten where there is no room", async () => {
  const { ask, reads } = openServer(120); // some two of them
  for (const path of ["/a", "/b", "/a", "/c"]) await ask(path, "gzip");
  expect(reads()).toBe(3);
  await ask("/a", "gzip");
  expect(reads()).toBe(3);
  await ask("/b", "gzip");
  expect(reads()).toBe(4);
});

import { gunzipSync } from "node:zlib";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { createFront } from "../../api/node/serve.ts";

const rows = JSON.stringify(Array.from({ length: 500 }, (_, row) => ({ row })));
const api = new Hono().get("/v1/rows", (c) => c.json(JSON.parse(rows), 200, { etag: '"abc"' }));
const page = `<html>${"a word ".repeat(500)}`;
const site = new Hono().get("/", (c) => c.html(page));
const front = createFront(api, site);

const ask = (path: string, headers = {}) =>
  front.fetch(new Request(`http://here${path}`, { headers }));

test.each([
  ["/v1/rows", rows],
  ["/", page],
])("%s is sent compressed to whoever reads gzip, and plain to others", async (path, text) => {
  const packed = await ask(path, { "accept-encoding": "gzip, br" });
  const bytes = Buffer.from(await packed.arrayBuffer());
  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect(packed.headers.get("vary")).toMatch(/accept-encoding/i);
  expect(bytes.length).toBeLessThan(text.length / 2);
  expect(gunzipSync(bytes).toString()).toBe(text);
  const plain = await ask(path);
  expect([plain.headers.get("content-encoding"), await plain.text()]).toEqual([null, text]);
});

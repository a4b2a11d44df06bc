import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createSite } from "../../api/node/serve.ts";

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

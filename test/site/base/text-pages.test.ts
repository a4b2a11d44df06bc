import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { protocols } from "../../../record/protocols.ts";
import { STATES } from "../../../record/board/standing.ts";
import { buildSite, REASON, runBuild, type BuiltSite } from "./built-site.ts";

let site: BuiltSite;
beforeAll(async () => void (site = await buildSite()));
afterAll(() => site.remove());

const page = (path: string) => readFileSync(join(site.folder, path), "utf8");

describe("the site built from a dump alone", () => {
  test("shows the log's own checkpoint and key, the entry and the operator's reason", () => {
    const log = page("log/index.html");
    expect(log).toContain("log.test/1\n");
    expect(log).toContain("log.test/1+");
    expect(log).toContain(REASON);
    expect(log).toContain(`href="/entries/${site.entryId}/"`);
  });

  test("has a page for every protocol, by alias and by id, with the same content", () => {
    for (const name of Object.keys(protocols)) {
      const byName = page(`protocols/${name}/index.html`);
      const id = /<code>([0-9a-f]{64})<\/code>/.exec(byName)![1]!;
      expect(page(`protocols/${id}/index.html`)).toBe(byName);
    }
  });

  test("has a paragraph for every state, at the anchor that its badge leads to", () => {
    const trust = page("trust/index.html");
    for (const state of STATES) expect(trust).toContain(`id="${state}"`);
  });

  test("needs no inline script and no inline style anywhere", () => {
    const pages = globSync("**/*.html", { cwd: site.folder });
    expect(pages.length).toBeGreaterThan(10);
    for (const path of pages) {
      const text = page(path);
      expect(text, path).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/);
      for (const [tag] of text.matchAll(/<script[^>]*>/g)) expect(tag, path).toContain("src=");
    }
  });

  test("has no link of its own pages that leads nowhere", async () => {
    const views = ["boards", "measures", "regularizers", "architectures", "protocols"];
    const pages = [
      ...["method", "trust", "submit", "log", "compare", "."],
      ...views.map((view) => `${view}/micro-1`),
      ...["boards/cifar10-1", "measures/cifar10-1", `entries/${site.entryId}`],
    ].map((name) => `${name}/index.html`);
    const links = new Set(
      pages.flatMap((path) =>
        Array.from(page(path).matchAll(/href="(\/[^"]*)"/g), ([, href]) =>
          href!.replaceAll("&amp;", "&"),
        ),
      ),
    );
    expect(links.size).toBeGreaterThan(10);
    for (const link of links) {
      const [address, anchor] = link.split("#");
      const answer = await site.fetch(new Request(`http://site.test${address}`));
      expect(answer.status, link).toBe(200);
      if (anchor) expect(await answer.text(), link).toContain(`id="${anchor}"`);
    }
  });
});

test("a build that fails says why and leaves the site that was there", () => {
  const missing = runBuild("--from", "no-such-dump.gz", "--out", site.folder);
  expect([missing.status, missing.stderr]).toEqual([
    2,
    expect.stringContaining("cannot be opened"),
  ]);
  const silent = runBuild("--api", "http://127.0.0.1:9", "--out", site.folder);
  expect([silent.status, silent.stdout + silent.stderr]).toEqual([
    1,
    expect.stringContaining("no answer"),
  ]);
  expect(page("log/index.html")).toContain(REASON);
});

test("every file carries the security headers, and only names with a digest are kept for good", async () => {
  const [asset] = globSync("assets/*.css", { cwd: site.folder });
  for (const path of ["/method/", "/theme.js", `/${asset}`, "/nowhere/"]) {
    const { headers } = await site.fetch(new Request(`http://site.test${path}`));
    expect(headers.get("content-security-policy"), path).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    expect(headers.get("content-security-policy"), path).not.toContain("unsafe");
    expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    expect(headers.get("referrer-policy"), path).not.toBeNull();
    expect(headers.get("cache-control")?.includes("immutable") ?? false, path).toBe(
      path.startsWith("/assets/"),
    );
  }
});

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sitemapFiles } from "../../../site/data/sitemap.ts";
import { builtShell } from "../data/shell.ts";

test("more addresses than one file may hold are spread over several, which an index names", () => {
  const paths = Array.from({ length: 50_001 }, (_, i) => `entries/${i}/`);
  const files = new Map(sitemapFiles("https://a.test", [...paths, "404/", "entries/"]));
  expect([...files.keys()]).toEqual([
    ...["robots.txt", "sitemap.xml", "sitemap-1.xml", "sitemap-2.xml"],
  ]);
  expect(files.get("sitemap.xml")).toContain("<loc>https://a.test/sitemap-2.xml</loc>");
  const count = (name: string) => files.get(name)!.match(/<url>/g)!.length;
  expect([count("sitemap-1.xml"), count("sitemap-2.xml")]).toEqual([50_000, 1]);
});

test("a site that was not told its address names none", async () => {
  const site = await builtShell();
  const pages = globSync("**/*.html", { cwd: site });
  expect(pages.length).toBeGreaterThan(10);
  for (const path of pages) {
    const [head] = readFileSync(join(site, path), "utf8").split("</head>");
    expect(head, path).not.toMatch(/canonical|og:url|og:image|twitter|data-site/);
  }
  expect(globSync("{sitemap*,robots.txt}", { cwd: site })).toEqual([]);
}, 120_000);

import { expect, test } from "vitest";
import { sitemapFiles } from "../../../site/data/sitemap.ts";

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

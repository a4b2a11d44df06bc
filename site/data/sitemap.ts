/** @file What a site says of its pages to crawlers: sitemap.xml and robots.txt, once its own address is known. */

import type { AstroIntegration } from "astro";

/** The most that one file may name (sitemaps.org/protocol.html). */
const MOST_ADDRESSES = 50_000;

/** @param write puts a file beside the pages. */
export function sitemap(
  origin: string,
  write: (folder: URL, name: string, text: string) => void,
): AstroIntegration {
  return {
    name: "rademark:sitemap",
    hooks: {
      "astro:build:done": ({ dir, pages }) => {
        const files = sitemapFiles(
          origin,
          pages.map(({ pathname }) => pathname),
        );
        for (const [name, text] of files) write(dir, name, text);
      },
    },
  };
}

/**
 * Names and texts.
 *
 * @param paths as Astro has them, without a slash in front.
 */
export function sitemapFiles(origin: string, paths: readonly string[]): [string, string][] {
  const addresses = paths
    .filter(isNamed)
    .toSorted()
    .map((path) => `${origin}/${path}`);
  const parts = chunks(addresses, MOST_ADDRESSES).map((each) => list("urlset", "url", each));
  const robots: [string, string] = [
    "robots.txt",
    `User-agent: *\nAllow: /\nSitemap: ${origin}/sitemap.xml\n`,
  ];
  if (parts.length < 2) return [robots, ["sitemap.xml", parts[0] ?? list("urlset", "url", [])]];
  const names = parts.map((_, i) => `sitemap-${i + 1}.xml`);
  const index = list(
    "sitemapindex",
    "sitemap",
    names.map((name) => `${origin}/${name}`),
  );
  return [
    robots,
    ["sitemap.xml", index],
    ...parts.map((text, i): [string, string] => [names[i]!, text]),
  ];
}

/** Not the page of an address that leads nowhere, the one that fetches newer entries, nor a protocol's under its id. */
const isNamed = (path: string) => !/^(404\/?|entries\/|protocols\/[0-9a-f]{64}\/)$/.test(path);

function list(whole: string, part: string, addresses: readonly string[]): string {
  const lines = addresses.map((address) => `<${part}><loc>${escaped(address)}</loc></${part}>\n`);
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<${whole} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${lines.join("")}</${whole}>\n`
  );
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
    all.slice(size * i, size * (i + 1)),
  );
}

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { builtShell } from "./shell.ts";

let site: string;
beforeAll(async () => {
  site = await builtShell();
}, 120_000);

const htmlOf = (path: string) => readFileSync(join(site, path, "index.html"), "utf8");

/** What a page's modules import before any of them runs, and what that weighs in gzip. */
function firstScripts(path: string): Map<string, number> {
  const found = new Map<string, number>();
  const follow = (file: string) => {
    if (found.has(file)) return;
    const code = readFileSync(join(site, file), "utf8");
    found.set(file, gzipSync(code).length);
    for (const [, name] of code.matchAll(/\b(?:from|import)\s*"(\.\/[^"]+\.js)"/g))
      follow(join(dirname(file), name!));
  };
  for (const [, file] of htmlOf(path).matchAll(/<script type="module" src="([^"]+)"/g))
    follow(file!);
  return found;
}

test.each([
  ["submit", 1],
  ["log", 13],
  ["compare", 13],
  ["entries", 36], // with all that draws an entry, which else came a round trip after it
  ["", 14],
  ["measures/micro-1", 24], // with its words, and what they share with the pictures, which come later
  ["regularizers/micro-1", 26],
  ["training/micro-1", 26],
  ["boards/micro-1", 38],
])("the scripts that /%s begins with weigh at most %d kB: it gets what it uses", (path, most) => {
  const scripts = firstScripts(path);
  const bytes = [...scripts.values()].reduce((total, each) => total + each, 0);
  expect(bytes, JSON.stringify([...scripts], null, 1)).toBeLessThanOrEqual(most * 1000);
  expect(scripts.size).toBeGreaterThan(1); // else nothing was found
});

test.each(["", "entries", "boards/micro-1", "measures/micro-1"])(
  "/%s names in its head every module that its scripts import",
  (path) => {
    const named = htmlOf(path).matchAll(
      /<(?:script type="module" src|link rel="modulepreload" href)="([^"]+)"/g,
    );
    const names = Array.from(named, ([, file]) => file!).sort();
    expect(names).toEqual([...firstScripts(path).keys()].sort());
  },
);

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { builtShell } from "./shell.ts";

let site: string;
beforeAll(async () => {
  site = await builtShell();
}, 120_000);

/** What a page's modules import before any of them runs, and what that weighs in gzip. */
function firstScripts(path: string): Map<string, number> {
  const html = readFileSync(join(site, path, "index.html"), "utf8");
  const found = new Map<string, number>();
  const follow = (file: string) => {
    if (found.has(file)) return;
    const code = readFileSync(join(site, file), "utf8");
    found.set(file, gzipSync(code).length);
    for (const [, name] of code.matchAll(/\b(?:from|import)\s*"(\.\/[^"]+\.js)"/g))
      follow(join(dirname(file), name!));
  };
  for (const [, file] of html.matchAll(/<script type="module" src="([^"]+)"/g)) follow(file!);
  return found;
}

test.each([
  ["submit", 1],
  ["log", 13],
  ["compare", 13],
  ["entries", 16],
  ["", 14],
  ["measures/micro-1", 12],
  ["regularizers/micro-1", 26],
  ["training/micro-1", 26],
  ["boards/micro-1", 38],
])("the scripts that /%s begins with weigh at most %d kB: it gets what it uses", (path, most) => {
  const scripts = firstScripts(path);
  const bytes = [...scripts.values()].reduce((total, each) => total + each, 0);
  expect(bytes, JSON.stringify([...scripts], null, 1)).toBeLessThanOrEqual(most * 1000);
  expect(scripts.size).toBeGreaterThan(1); // else nothing was found
});

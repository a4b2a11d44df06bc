/** @file What the documents and the comments name is there. */

import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const DOCUMENTS = [...globSync("*.md"), ...globSync("docs/**/*.md")];
const CODE = globSync("{api,bench,db,harness,record,setup,site,test}/**/*.{ts,mjs,astro}");
/** A path from the repository's top, perhaps with `{a,b}` in it, but not with a placeholder such as `NAME`. */
const PATH =
  /(?<![\w./-])(?:api|bench|db|docs|harness|record|setup|site|test)\/[\w./{},[\]-]*\w[\w\]}/]/g;
/** As in `test/CLASS/FILE`, a folder of somebody's images. */
const PLACEHOLDER = /\/[A-Z]+(?=\/|$)/;

test.each(DOCUMENTS)("%s names files and folders that are there", (document) => {
  const text = readFileSync(document, "utf8");
  const links = Array.from(text.matchAll(/\]\(([^)#:]+)\)/g), ([, link]) =>
    join(dirname(document), link!),
  );
  const paths = Array.from(text.matchAll(/`([^`\n]+)`/g)).flatMap(([, words]) =>
    (words!.match(PATH) ?? []).flatMap(spelledOut).filter((path) => !PLACEHOLDER.test(path)),
  );
  expect([...links, ...paths].filter((path) => !existsSync(path))).toEqual([]);
});

test("the code's comments name files that are there", () => {
  const missing = CODE.flatMap((file) => {
    const comments = readFileSync(file, "utf8").match(/\/\*\*[^]*?\*\/|(?<!:)\/\/ .*/g) ?? [];
    const paths = comments.flatMap((comment) => comment.match(PATH) ?? []);
    return paths
      .filter((path) => /\.(ts|mjs|md|astro)$/.test(path) && !existsSync(path))
      .map((path) => `${file}: ${path}`);
  });
  expect(missing).toEqual([]);
});

test("words are spelled alike: with z, as the field's own are", () => {
  const PROSE = [...DOCUMENTS, ...globSync("{site/**/*.astro,setup/help/*}")];
  const stems = "memor|general|regular|optim|normal|standard|initial|recogn|minim|summar";
  const words = new RegExp(
    `(?<![\\w./-])(?:${stems})is(?:e[ds]?|ers?|ing|ations?)\\b(?!-|,? ?\\}|\\()`,
    "gi",
  );
  const found = PROSE.flatMap((file) =>
    (readFileSync(file, "utf8").match(words) ?? []).map((word) => `${file}: ${word}`),
  );
  expect(found).toEqual([]);
});

/** `a/{b,c}` as `a/b` and `a/c`. */
function spelledOut(path: string): string[] {
  const [, before, names, after] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [];
  return names === undefined ? [path] : names.split(",").map((name) => `${before}${name}${after}`);
}

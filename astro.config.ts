/** @file The site: static files that any server can hand out under a strict content security policy. */

import { writeFileSync } from "node:fs";
import { defineConfig } from "astro/config";
import { takesCursorCodes } from "./setup/shared/visible.mjs";
import { buildProgress } from "./site/data/build-progress.ts";
import { sitemap } from "./site/data/sitemap.ts";

interface Graph {
  getModuleInfo(id: string): { importedIds: readonly string[] } | null;
}

const heavy = new Map<string, boolean>();

/** Does a module load the schemas' library? Only what is fetched late does: a comparison that a page computes, a check. */
function loadsSchemas(id: string, graph: Graph): boolean {
  const known = heavy.get(id);
  if (known !== undefined) return known;
  const imported = graph.getModuleInfo(id)?.importedIds ?? [];
  const found = id.includes("/zod/") || imported.some((each) => loadsSchemas(each, graph));
  heavy.set(id, found);
  return found;
}

/**
 * What several islands share comes in one file: each further one is a round trip on a telephone. The chart library,
 * twenty times as heavy, stays apart and is fetched for charts alone; so do the words of measures, which no board shows,
 * and schemas, which two late parts may share.
 */
const GROUPS = [
  {
    name: (id: string, graph: Graph) => (loadsSchemas(id, graph) ? null : "shared"),
    test: /\/(record(?!\/measure-numbers)|preact|site\/(markup|islands(?!\/origin)))\/|\/charts\/(element|families|percent)\.ts/,
    minShareCount: 2,
  },
];

/** No terminal for whoever draws, where nothing can be redrawn. */
const STDERR = {
  isTTY: takesCursorCodes(process.stderr, process.env),
  write: process.stderr.write.bind(process.stderr),
};

const writeBeside = (folder: URL, name: string, text: string) =>
  writeFileSync(new URL(name, folder), text);

/** Origin under which the pages will stand, as whoever builds them says (docs/hosting.md). */
const site = process.env["SITE_URL"] || undefined;

export default defineConfig({
  ...(site && { site }),
  srcDir: "./site",
  publicDir: "./site/public",
  outDir: "./dist/site",
  cacheDir: "./node_modules/.cache/astro",
  output: "static",
  trailingSlash: "ignore",
  // JSX's rules would drop the space between a line of text and a link on the next.
  compressHTML: true,
  devToolbar: { enabled: false },
  logger: { entrypoint: "astro/logger/node", config: { level: "warn" } },
  integrations: [buildProgress(STDERR), ...(site ? [sitemap(site, writeBeside)] : [])],
  // Inline styles and scripts would need `unsafe-inline`, or a hash on every page.
  build: {
    format: "directory",
    assets: "assets",
    inlineStylesheets: "never",
    // While one page is drawn, the server computes what the next ones show; more would only wait in memory.
    concurrency: 4,
  },
  vite: {
    build: { assetsInlineLimit: 0 },
    environments: {
      client: { build: { rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } } } },
    },
  },
});

/** @file The site: static files that any server can hand out under a strict content security policy. */

import { writeFileSync } from "node:fs";
import { defineConfig } from "astro/config";
import { takesCursorCodes } from "./setup/shared/visible.mjs";
import { buildProgress } from "./site/data/build-progress.ts";
import { preloadedModules } from "./site/data/preloaded-modules.ts";
import { sitemap } from "./site/data/sitemap.ts";
import { withoutUnusedParts } from "./site/data/unused-parts.ts";

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

/** @param test of paths, which have `/` on every system. */
const group = (name: string, priority: number, test: RegExp) => ({
  name: (id: string, graph: Graph) => (loadsSchemas(id, graph) ? null : name),
  ...{ priority, test },
  minShareCount: 2,
});

/**
 * What islands share comes in few files, as each further one is a round trip on a telephone, but a page gets what it
 * uses. Schemas stay apart, which two late parts may share, and the words of measures, which no board shows.
 */
const GROUPS = [
  // of every page with an island
  group(
    "shared",
    5,
    /preload-helper|\/preact\/|\/(markup\/(element|notice|table)|data\/(api|entry-address)|charts\/numbers|islands\/(show|tips)|server-notice|nothing-yet|normalized-accuracy)\.ts/,
  ),
  // of whoever shows rows: boards and entries
  group(
    "rows",
    4,
    /\/(data\/(interval-cell|state-words)|charts\/(capacity-words|families)|state-badge|statistics\/t-interval|record\/csv|board\/(challenge-words|states))\.ts/,
  ),
  // of whoever draws or filters a board
  group(
    "board",
    3,
    /\/site\/(data\/(table-columns|board-view|board-model|shown-rows|reference-layer)|islands\/(board\/|grown-board|filtered-parts|page-reference)|charts\/map-(points|axes))/,
  ),
  // of whoever reads an entry's runs
  group("runs", 2, /\/protocol-facts\.ts|\/record\/(?!measure-numbers|papers|board\/entry-words)/),
  // of every chart that a browser draws
  group(
    "chart",
    1,
    /\/node_modules\/(d3-\w+|isoformat|@observablehq\/plot)\/|\/charts\/(plot|figure)\.ts/,
  ),
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

const preloaded = preloadedModules();

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
  integrations: [
    buildProgress(STDERR),
    preloaded.integration,
    ...(site ? [sitemap(site, writeBeside)] : []),
  ],
  // Inline styles and scripts would need `unsafe-inline`, or a hash on every page.
  build: {
    format: "directory",
    assets: "assets",
    inlineStylesheets: "never",
    // While one page is drawn, the server computes what the next ones show; more would only wait in memory.
    concurrency: 4,
  },
  vite: {
    plugins: [withoutUnusedParts(), preloaded.plugin],
    build: { assetsInlineLimit: 0 },
    environments: {
      client: { build: { rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } } } },
    },
  },
});

/** @file The site's figures, taken in a real browser from the real server: small first, then with ten thousand rows. */

import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import type { BoardPage } from "../../../record/board/board-row.ts";
import { readJson } from "../reads.ts";
import { REPOSITORY } from "../repository.ts";
import { loadHolders } from "../submissions.ts";
import { arrivals, submitOne } from "./arrival.ts";
import { KEYS, filledFolders, startServer } from "./filled-folders.ts";
import { type Filtering, filtering } from "./filtering.ts";
import { type PageCost, type Profile, pageCost } from "./page-cost.ts";
import { type ToyCost, toyCost } from "./toy.ts";

export interface MeasuredPage {
  title: string;
  /** Did no build draw it? Then its pictures are fetched on demand, and count on their own. */
  isNewer: boolean;
  /** One for each visit, as quick as the machine is. */
  visits: PageCost[];
  /** One for each visit, throttled. */
  throttled: PageCost[];
}

export interface MeasuredSite {
  pages: MeasuredPage[];
  toy: ToyCost;
  /** Milliseconds from an entry's receipt to its row on an open board. */
  arrivals: number[];
  filtering: Filtering;
}

interface SiteOptions {
  browserPath: string;
  /** Entries while pages are measured. */
  rows: number;
  /** Entries while rows are filtered. */
  many: number;
  visits: number;
  profile: Profile;
  /** A folder that keeps the filled servers; null: a temporary one. */
  kept: string | null;
  told: (progress: string) => void;
}

export async function measureSite(options: SiteOptions): Promise<MeasuredSite> {
  const folder = mkdtempSync(join(tmpdir(), "rademark-bench-site-"));
  try {
    const filled = await filledFolders(options.kept ?? folder, options);
    const site = join(folder, "site");
    await buildSite(filled.few, site, options);
    const few = { folder: join(folder, "few"), site };
    cpSync(filled.few, few.folder, { recursive: true }); // as more will arrive
    const shell = join(folder, "shell");
    options.told("the site's build without a server");
    await runSiteBuild("--api", "none", "--out", shell);
    return await inBrowser(options, async (browser) => ({
      pages: [
        ...(await measurePages(browser, few, BUILT, options)),
        ...(await measurePages(browser, { ...few, site: shell }, NEWER, options)),
      ],
      toy: await measureToy(browser, few, options),
      arrivals: await measureArrivals(browser, few, options),
      filtering: await measureFiltering(browser, { folder: filled.many, site }, options),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The first page's toy alone: a site without entries is built for it, in half a minute. */
export async function measureToyAlone(options: ToyOptions): Promise<ToyCost> {
  const folder = mkdtempSync(join(tmpdir(), "rademark-bench-toy-"));
  try {
    const site = join(folder, "site");
    await runSiteBuild("--api", "none", "--reference", "none", "--out", site);
    const places = { folder: join(folder, "server"), site };
    return await inBrowser(options, (browser) => measureToy(browser, places, options));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type ToyOptions = Pick<SiteOptions, "browserPath" | "visits" | "told">;

async function measureToy(browser: Browser, { folder, site }: Places, options: ToyOptions) {
  const server = await startServer(folder, site);
  try {
    options.told("the toy");
    return await toyCost(browser, `${server.url}/`, options.visits);
  } finally {
    await server.stop();
  }
}

async function inBrowser<T>(
  { browserPath: executablePath }: Pick<SiteOptions, "browserPath">,
  measure: (browser: Browser) => Promise<T>,
): Promise<T> {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    return await measure(browser);
  } finally {
    await browser.close();
  }
}

/** `npm run site:build -- --api URL --out DIR` */
async function buildSite(folder: string, site: string, { told }: SiteOptions): Promise<void> {
  const server = await startServer(folder, null);
  try {
    told("the site's build");
    await runSiteBuild("--api", server.url, "--out", site);
  } finally {
    await server.stop();
  }
}

async function runSiteBuild(...options: string[]): Promise<void> {
  const args = [`${REPOSITORY}setup/site-build.mjs`, ...options];
  await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
}

interface Places {
  folder: string;
  site: string;
}

async function measurePages(
  browser: Browser,
  { folder, site }: Places,
  pathsOf: (entries: readonly string[]) => VisitedPage[],
  options: SiteOptions,
): Promise<MeasuredPage[]> {
  const server = await startServer(folder, site);
  try {
    const { rows } = await readJson<BoardPage>(`${server.url}/v1/boards/micro-1?limit=5`);
    const pages: MeasuredPage[] = [];
    for (const [title, path, drawn = null] of pathsOf(rows.map(({ entry }) => entry))) {
      options.told(title);
      const page: MeasuredPage = { title, isNewer: drawn !== null, visits: [], throttled: [] };
      const { profile } = options;
      for (let i = 0; i < options.visits; i++) {
        page.visits.push(await pageCost(browser, server.url + path, { profile: null, drawn }));
        page.throttled.push(await pageCost(browser, server.url + path, { profile, drawn }));
      }
      pages.push(page);
    }
    return pages;
  } finally {
    await server.stop();
  }
}

/** @property drawn of a page that is newer than the build: selector of what is drawn last. */
type VisitedPage = [title: string, path: string, drawn?: string];

const BUILT = (entries: readonly string[]): VisitedPage[] => [
  ["first page", "/"],
  ["board", "/boards/micro-1/"],
  ["entry", `/entries/${entries[0]!}/`],
  ["comparison of five", `/compare/?entries=${entries.join(",")}`],
];

/** Of a site that was built without a server. */
const NEWER = (entries: readonly string[]): VisitedPage[] =>
  (
    [
      ["entry", `/entries/?id=${entries[0]!}`, "article[data-entry] .plot"],
      ["board", "/boards/micro-1/", ".said"],
      ["regularizers", "/regularizers/micro-1/", "[data-regularizers] .plot"],
      ["architectures", "/architectures/micro-1/", "[data-multiples] .plot"],
      ["training and depth", "/training/micro-1/", "[data-training] .plot"],
      ["measures", "/measures/micro-1/", "[data-measures] .plot"],
      ["log", "/log/", "#log-leaves tbody tr"],
    ] as const
  ).map(([title, path, drawn]) => [`${title} newer than the build`, path, drawn]);

const ARRIVALS = 10;

async function measureArrivals(browser: Browser, { folder, site }: Places, options: SiteOptions) {
  const server = await startServer(folder, site);
  try {
    options.told("from a receipt to its row");
    const holders = await loadHolders(KEYS);
    let number = options.rows;
    const submit = () => submitOne(server.url, holders, number++);
    // A table's page holds a hundred rows: with the newest first, each new one is on it.
    const newestFirst = `${server.url}/boards/micro-1/?sort=receivedAt&order=descending`;
    return await arrivals(browser, newestFirst, { times: ARRIVALS, submit });
  } finally {
    await server.stop();
  }
}

async function measureFiltering(browser: Browser, { folder, site }: Places, options: SiteOptions) {
  const server = await startServer(folder, site);
  try {
    options.told("filtering");
    return await filtering(browser, `${server.url}/boards/micro-1/`, options.many);
  } finally {
    await server.stop();
  }
}

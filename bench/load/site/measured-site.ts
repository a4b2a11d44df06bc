/** @file The site's figures, taken in a real browser from the real server: small first, then with ten thousand rows. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { readJson } from "../reads.ts";
import type { BoardPage } from "../../../record/board/board-row.ts";
import { loadHolders } from "../submissions.ts";
import { arrivals, submitOne } from "./arrival.ts";
import { bulkFill } from "./bulk-fill.ts";
import { KEYS, openFilling } from "./filled-server.ts";
import { type Filtering, filtering } from "./filtering.ts";
import { type PageCost, type Profile, pageCost } from "./page-cost.ts";
import { buildFrom, startServer } from "./site-server.ts";

export interface MeasuredPage {
  title: string;
  /** One a visit, as quick as the machine is. */
  visits: PageCost[];
  /** One a visit, throttled. */
  throttled: PageCost[];
}

export interface MeasuredSite {
  pages: MeasuredPage[];
  /** Milliseconds from an entry's receipt to its row on an open board. */
  arrivals: number[];
  filtering: Filtering;
}

export interface SiteOptions {
  browserPath: string;
  /** Entries while pages are measured. */
  rows: number;
  /** Entries while rows are filtered. */
  many: number;
  visits: number;
  profile: Profile;
  told: (progress: string) => void;
}

export async function measureSite(options: SiteOptions): Promise<MeasuredSite> {
  const folder = mkdtempSync(join(tmpdir(), "rademark-bench-site-"));
  const site = join(folder, "site");
  const browser = await chromium.launch({
    executablePath: options.browserPath,
    args: ["--no-sandbox"],
  });
  try {
    await fillAndBuild(folder, site, options);
    const pages = await measurePages(browser, { folder, site }, options);
    const arrived = await measureArrivals(browser, { folder, site }, options);
    const { rows, many: to, told } = options;
    const from = rows + arrived.length;
    await bulkFill(folder, { from, to, keys: KEYS }, (next) => told(`${next} of ${to} entries`));
    return {
      pages,
      arrivals: arrived,
      filtering: await measureFiltering(browser, { folder, site }, options),
    };
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fillAndBuild(folder: string, site: string, { rows, told }: SiteOptions) {
  const server = await startServer(folder, null);
  try {
    told(`${rows} entries`);
    await (await openFilling(server)).fillTo(rows);
    told("the site's build");
    await buildFrom(server.url, site);
  } finally {
    await server.stop();
  }
}

interface Places {
  folder: string;
  site: string;
}

async function measurePages(
  browser: Browser,
  { folder, site }: Places,
  options: SiteOptions,
): Promise<MeasuredPage[]> {
  const server = await startServer(folder, site);
  try {
    const { rows } = await readJson<BoardPage>(`${server.url}/v1/boards/micro-1?limit=5`);
    const pages: MeasuredPage[] = [];
    for (const [title, path] of pathsOf(rows.map(({ entry }) => entry))) {
      options.told(title);
      const page: MeasuredPage = { title, visits: [], throttled: [] };
      for (let i = 0; i < options.visits; i++) {
        page.visits.push(await pageCost(browser, server.url + path, null));
        page.throttled.push(await pageCost(browser, server.url + path, options.profile));
      }
      pages.push(page);
    }
    return pages;
  } finally {
    await server.stop();
  }
}

function pathsOf(entries: readonly string[]): [title: string, path: string][] {
  return [
    ["board", "/boards/micro-1/"],
    ["entry", `/entries/${entries[0]!}/`],
    ["entry newer than the build", `/entries/?id=${entries[0]!}`],
    ["comparison of five", `/compare/?entries=${entries.join(",")}`],
  ];
}

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

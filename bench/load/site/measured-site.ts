/** @file The site's figures, taken in a real browser from the real server: small first, then with ten thousand rows. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { readJson } from "../reads.ts";
import type { BoardPage } from "../../../record/board/board-row.ts";
import { type Holder, loadHolders, measured } from "../submissions.ts";
import { arrivals, submitOne } from "./arrival.ts";
import { type Filtering, filtering } from "./filtering.ts";
import { type PageCost, type Profile, pageCost } from "./page-cost.ts";
import type { Db, Transaction } from "../../../db/db.ts";
import { type LogKeeper, appendLeaf, lockLog } from "../../../db/append-leaf.ts";
import { indexLeaf } from "../../../db/project/index-leaf.ts";
import { bodyBytes } from "../../../db/project/leaf-body.ts";
import { openDatabase, openKeeper } from "../../../api/node/open-database.ts";
import { readSettings } from "../../../api/server-settings.ts";
import { refreshBoards } from "../../../db/board/refresh-boards.ts";
import { decodeBase64 } from "../../../record/signature/base64.ts";
import { statementId } from "../../../record/statement/statements.ts";
import { type ChildServer, startChild } from "../../../test/world/deployments.ts";
import { untilFresh } from "../board-walk.ts";
import { emptyLedger } from "../ledger.ts";
import { noTraffic } from "../retrying-client.ts";
import { type Submission, registerHolders, submitRange } from "../submitting.ts";
import { REPOSITORY } from "../repository.ts";

export interface MeasuredPage {
  title: string;
  /** One for each visit, as quick as the machine is. */
  visits: PageCost[];
  /** One for each visit, throttled. */
  throttled: PageCost[];
}

export interface MeasuredSite {
  pages: MeasuredPage[];
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
    ["first page", "/"],
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

const BATCH = 100;

/**
 * Adds entries that ran the panel alone, by keys that the server knows already; it must not run meanwhile.
 *
 * @param told called after each batch with the number of the next entry.
 */
async function bulkFill(
  folder: string,
  { from, to, keys }: { from: number; to: number; keys: number },
  told: (next: number) => void,
): Promise<void> {
  const settings = readSettings({});
  const report = (error: unknown) => process.stderr.write(`${String(error)}\n`);
  const { db, close } = await openDatabase(settings, folder, report);
  try {
    const keeper = await openKeeper(settings, folder, db);
    const holders = await loadHolders(keys);
    for (let next = from; next < to; next += BATCH) {
      await writeBatch(db, keeper, holders, [next, Math.min(to, next + BATCH)]);
      told(next);
    }
    await refreshBoards(db);
  } finally {
    await close();
  }
}

async function writeBatch(
  db: Db,
  keeper: LogKeeper,
  holders: readonly Holder[],
  [from, to]: readonly [number, number],
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockLog(tx);
    for (let i = from; i < to; i++) await writeEntry(tx, keeper, holders[i % holders.length]!, i);
  });
}

async function writeEntry(tx: Transaction, keeper: LogKeeper, holder: Holder, i: number) {
  const envelope = await measured(holder, i, null);
  const digest = statementId(decodeBase64(envelope.payload)!);
  const body = bodyBytes(envelope);
  await indexLeaf(
    tx,
    await appendLeaf(tx, keeper, { kind: "result", digest, body, at: new Date() }),
  );
}

/** Keys that sign the made-up entries. */
const KEYS = 5;

const CLIENTS = 6;

interface Filling {
  /** @param count number of entries that the server has in all afterwards. @returns ids of all entries. */
  fillTo: (count: number) => Promise<string[]>;
}

/** @param server a server without quotas. @param told called after each entry with how many there are. */
async function openFilling(
  { url }: ChildServer,
  told: (entries: number) => void = () => undefined,
): Promise<Filling> {
  const submission: Submission = {
    address: () => Promise.resolve(url),
    holders: await loadHolders(KEYS),
    ledger: emptyLedger(),
    traffic: noTraffic(),
    foundAgain: 0,
    onAcknowledged: () => told(submission.ledger.results.size),
  };
  await registerHolders(submission, new Date().toISOString());
  return {
    fillTo: async (count) => {
      const from = submission.ledger.results.size;
      await submitRange(submission, { from, count: count - from, clients: CLIENTS });
      const { size } = (await (await fetch(`${url}/v1/log/entries?limit=1`)).json()) as {
        size: number;
      };
      await untilFresh(url, size);
      return [...submission.ledger.results];
    },
  };
}

/** @param site folder of a built site; null: whatever dist/site holds. */
function startServer(folder: string, site: string | null): Promise<ChildServer> {
  const args = ["serve", "--port", "0", "--folder", folder, "--with-parent"];
  const shown = site === null ? [] : ["--site", site];
  return startChild("api/node.ts", [...args, ...shown], { RADEMARK_LIMITS: "off" });
}

/** `npm run site:build -- --api URL --out DIR` */
async function buildFrom(url: string, site: string): Promise<void> {
  const args = [`${REPOSITORY}setup/site-build.mjs`, "--api", url, "--out", site];
  await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
}

/** @file A board page by page, to the last row. */

import { setTimeout as sleep } from "node:timers/promises";
import type { BoardPage } from "../../record/board/board-row.ts";
import { STATES } from "../../record/board/standing.ts";
import { readText } from "./reads.ts";

const PAUSE_MILLISECONDS = 20;
const PATIENCE_MILLISECONDS = 120_000;

/** The exact bytes of every page, with entries of all states. */
export async function boardPages(url: string, order = "sort=learnedComplexity"): Promise<string[]> {
  const pages: string[] = [];
  for (let after = ""; ;) {
    const query = `${order}&limit=200&state=${STATES.join(",")}${after}`;
    const text = await readText(`${url}/v1/boards/micro-1?${query}`);
    pages.push(text);
    const { next } = JSON.parse(text) as BoardPage;
    if (next === null) return pages;
    after = `&after=${next}`;
  }
}

export function entryIds(pages: readonly string[]): string[] {
  return pages.flatMap((text) => (JSON.parse(text) as BoardPage).rows.map(({ entry }) => entry));
}

/** @returns milliseconds until the board shows the log up to a leaf. @throws when it takes minutes. */
export async function untilFresh(url: string, logSize: number): Promise<number> {
  const begun = performance.now();
  while (performance.now() - begun < PATIENCE_MILLISECONDS) {
    const page = JSON.parse(await readText(`${url}/v1/boards/micro-1?limit=1`)) as BoardPage;
    if (page.logSize >= logSize) return performance.now() - begun;
    await sleep(PAUSE_MILLISECONDS);
  }
  throw new Error(`the board does not show the log's ${logSize} leaves`);
}

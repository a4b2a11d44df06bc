/** @file How long after its receipt an entry stands as a row on a board that somebody has open. */

import type { Browser, Page } from "playwright-core";
import { Receipt } from "../../../record/log/log-proof.ts";
import { type Holder, measured } from "../submissions.ts";

/** @param submit enters one more. @returns its id, once the receipt is there. */
export async function arrivals(
  browser: Browser,
  url: string,
  { times, submit }: { times: number; submit: () => Promise<string> },
): Promise<number[]> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    await page.goto(url, { waitUntil: "networkidle" });
    await watchRows(page);
    const milliseconds: number[] = [];
    for (let i = 0; i < times; i++) {
      // Not in step with the page, which asks each second.
      await page.waitForTimeout(400 + ((i * 370) % 1000));
      const id = await submit();
      const received = Date.now();
      milliseconds.push(Math.max(0, (await seenAt(page, id)) - received));
    }
    return milliseconds;
  } finally {
    await context.close();
  }
}

/**
 * Submits a result without a challenge, by a key that the server knows.
 *
 * @param i number that no other entry has.
 * @returns its id.
 */
export async function submitOne(
  url: string,
  holders: readonly Holder[],
  i: number,
): Promise<string> {
  const body = JSON.stringify(await measured(holders[i % holders.length]!, i, null));
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/results`, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(await answer.text());
  return Receipt.parse(await answer.json()).id;
}

interface Watching {
  rowsSeen: Map<string, number>;
}

/** When each row was first in the page, by the clock that this process has too. */
function watchRows(page: Page): Promise<void> {
  return page.evaluate(() => {
    const seen = new Map<string, number>();
    (globalThis as unknown as Watching).rowsSeen = seen;
    const note = () => {
      for (const row of document.querySelectorAll<HTMLElement>("tr[data-entry]")) {
        const id = row.dataset["entry"]!;
        if (!seen.has(id)) seen.set(id, Date.now());
      }
    };
    note();
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true });
  });
}

async function seenAt(page: Page, id: string): Promise<number> {
  const seen = await page.waitForFunction(
    (id) => (globalThis as unknown as Watching).rowsSeen.get(id),
    id,
    { timeout: 30_000, polling: 50 },
  );
  return (await seen.jsonValue())!;
}

/** @file How long a board takes to show what a visitor types, until the new rows are laid out. */

import type { Browser, Page } from "playwright-core";

export interface Filtering {
  /** Rows that were filtered. */
  rows: number;
  /** Milliseconds of each keystroke. */
  keystrokes: number[];
  /** Milliseconds that the map, drawn once typing pauses, keeps the page busy. */
  mapMilliseconds: number;
}

const WORDS = ["mlp-512", "cnn wd=0.01", "wd=0.9", "challenged mlp", "wd=0.0123"];

/** @param rows that the board has: all of them are fetched first. */
export async function filtering(browser: Browser, url: string, rows: number): Promise<Filtering> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    await page.goto(url, { waitUntil: "networkidle" });
    await fetchAll(page, rows);
    const keystrokes: number[] = [];
    for (const word of WORDS) keystrokes.push(...(await type(page, word)));
    return { rows, keystrokes, mapMilliseconds: await drawnMap(page) };
  } finally {
    await context.close();
  }
}

async function fetchAll(page: Page, rows: number): Promise<void> {
  await page.getByRole("searchbox").fill("e"); // as all states have it
  const all = new RegExp(`^${rows.toLocaleString("en")} entries$`);
  await page.locator(".count", { hasText: all }).waitFor({ timeout: 120_000 });
  await page.waitForTimeout(1000);
}

/** Types a word letter by letter, and times each with the layout that it makes necessary. */
function type(page: Page, word: string): Promise<number[]> {
  return page.getByRole("searchbox").evaluate((box: HTMLInputElement, word) => {
    const texts = Array.from(word, (_, i) => word.slice(0, i + 1));
    return texts.map((text) => {
      box.value = text;
      const begun = performance.now();
      box.dispatchEvent(new InputEvent("input", { bubbles: true }));
      void document.body.offsetHeight;
      return performance.now() - begun;
    });
  }, word);
}

/** The longest task within the second after a keystroke. */
function drawnMap(page: Page): Promise<number> {
  return page.getByRole("searchbox").evaluate(async (box: HTMLInputElement) => {
    let longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    }).observe({ type: "longtask" });
    box.value = "mlp";
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await new Promise((done) => setTimeout(done, 2000));
    return longest;
  });
}

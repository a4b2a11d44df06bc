/** @file What the first page's toy costs in a real browser: from a press of its button to the end of a training. */

import type { Browser } from "playwright-core";

export interface ToyCost {
  /** Of each training, in a page of its own with nothing cached; as quick as the machine is. */
  seconds: number[];
  /** That came over the wire once somebody trained it, headers included. */
  bytes: number;
}

/** @param url of the first page. */
export async function toyCost(browser: Browser, url: string, times: number): Promise<ToyCost> {
  const cost: ToyCost = { seconds: [], bytes: 0 };
  for (let i = 0; i < times; i++) {
    const { seconds, bytes } = await training(browser, url);
    cost.seconds.push(seconds);
    cost.bytes = Math.max(cost.bytes, bytes);
  }
  return cost;
}

async function training(browser: Browser, url: string) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    await page.goto(url, { waitUntil: "networkidle" });
    const sizes: Promise<number>[] = [];
    page.on("requestfinished", (request) => {
      const size = request.sizes();
      sizes.push(size.then((each) => each.responseBodySize + each.responseHeadersSize));
    });
    const milliseconds = await page.evaluate(async () => {
      const toy = document.querySelector("section.toy")!;
      const ended = new Promise<void>((done) => {
        const look = () => toy.querySelector("tbody tr") !== null && done();
        new MutationObserver(look).observe(toy, { childList: true, subtree: true });
      });
      const begun = performance.now();
      toy.querySelector("button")!.click();
      await ended;
      return performance.now() - begun;
    });
    const bytes = (await Promise.all(sizes)).reduce((sum, each) => sum + each, 0);
    return { seconds: milliseconds / 1000, bytes };
  } finally {
    await context.close();
  }
}

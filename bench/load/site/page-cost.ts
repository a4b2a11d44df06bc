/** @file What a page costs somebody who opens it for the first time: bytes, time to its largest part, jumps. */

import type { Browser, CDPSession, Page } from "playwright-core";

/** Bits a second down and up, milliseconds of round trip, and how many times slower the processor is made. */
export interface Profile {
  down: number;
  up: number;
  roundTrip: number;
  slowdown: number;
}

export interface PageCost {
  /** Bytes over the wire, headers included. */
  bytes: number;
  /** Of which: what draws the pictures of a page that no build has drawn, fetched once its words are there. */
  pictureBytes: number;
  requests: number;
  /** Milliseconds. */
  largestPaint: number;
  /** Sum of all layout shifts. */
  shift: number;
}

/**
 * Opens a page with nothing cached, and with the API as usual.
 *
 * @param profile null: as quick as the machine is.
 * @param drawn selector of what a page that is newer than its build has drawn last; a slow processor rests in between.
 */
export async function pageCost(
  browser: Browser,
  url: string,
  { profile, drawn }: { profile: Profile | null; drawn: string | null },
): Promise<PageCost> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    const wire = await countBytes(session);
    if (profile !== null) await slowDown(session, profile);
    await watchPaints(page);
    await page.goto(url, { waitUntil: "networkidle" });
    if (drawn !== null) {
      await page.waitForSelector(drawn, { state: "attached", timeout: 60_000 });
      for (let before = -1; before !== wire.requests; await page.waitForTimeout(1500))
        before = wire.requests;
    }
    const seen = await page.evaluate(() => (globalThis as unknown as Watching).seen);
    return { ...wire, ...seen };
  } finally {
    await context.close();
  }
}

/** Scripts that pictures alone need. */
const SCRIPTS =
  "chart|entry-figures|learning-curves|complexity-gap|board-map|measures|multiples|regularizers|regularizer-changes|" +
  "parts-filter|training";
const PICTURES = new RegExp(`/assets/(${SCRIPTS})\\.[\\w-]+\\.js$`);

async function countBytes(
  session: CDPSession,
): Promise<Pick<PageCost, "bytes" | "pictureBytes" | "requests">> {
  const wire = { bytes: 0, pictureBytes: 0, requests: 0 };
  const pictures = new Set<string>();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    if (PICTURES.test(request.url)) pictures.add(requestId);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    wire.bytes += encodedDataLength;
    if (pictures.has(requestId)) wire.pictureBytes += encodedDataLength;
    wire.requests++;
  });
  await session.send("Network.enable");
  return wire;
}

async function slowDown(session: CDPSession, { down, up, roundTrip, slowdown }: Profile) {
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: roundTrip,
    downloadThroughput: down / 8,
    uploadThroughput: up / 8,
  });
  await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
}

interface Watching {
  seen: Pick<PageCost, "largestPaint" | "shift">;
}

function watchPaints(page: Page): Promise<unknown> {
  return page.addInitScript(() => {
    const seen = { largestPaint: 0, shift: 0 };
    (globalThis as unknown as Watching).seen = seen;
    const watch = (type: string, note: (entry: PerformanceEntry) => void) =>
      new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({
        type,
        buffered: true,
      });
    watch("largest-contentful-paint", (entry) => (seen.largestPaint = entry.startTime));
    watch("layout-shift", (entry) => (seen.shift += (entry as unknown as { value: number }).value));
  });
}

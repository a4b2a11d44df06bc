import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtShell } from "./shell.ts";
import { holder, openStage, type Stage } from "./stage.ts";
import { browserPath, openBrowser, visit } from "./visit.ts";

/** Pages, and what each has drawn last. */
const PAGES = [
  ["/boards/micro-1/", ".map .plot"],
  ["/regularizers/micro-1/", "[data-regularizers] .plot"],
  ["/architectures/micro-1/", "[data-multiples] .plot"],
  ["/training/micro-1/", "[data-training] .plot"],
  ["/measures/micro-1/", ".measures .lead"],
  ["/log/", "#log-leaves tbody tr"],
] as const;

describe.skipIf(browserPath === null)("pages newer than their build, in a browser", () => {
  let stage: Stage;
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
    stage = await openStage(await builtShell());
    const alice = await holder(1);
    await stage.register(alice);
    const enter = (regs: string, known: number) =>
      stage.enter(alice, { arch: "mlp-512", regs }, { known, train: 0.9, test: 0.4 }, false);
    await Promise.all([enter("none", 0.44), enter("dropout=0.5", 0.05), enter("wd=0.01", 0.2)]);
    await stage.untilMeasured();
  }, 240_000);

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  test.each(PAGES)(
    "%s stays where it is while it is drawn, and asks for each answer once",
    async (path, drawn) => {
      const { page, faults, close } = await visit(browser);
      await page.addInitScript(addShifts);
      const asked = questionsOf(page);
      await page.goto(stage.url + path, { waitUntil: "networkidle" });
      await page.locator(drawn).first().waitFor({ state: "attached" });
      const answers = path.startsWith("/boards/") ? [] : asked; // an open board goes on asking
      expect(answers).toEqual([...new Set(answers)]);
      expect(await page.evaluate(shifted)).toBeLessThan(0.02);
      expect(await page.locator("main .loading").count()).toBe(0);
      expect(faults).toEqual([]);
      await close();
    },
    60_000,
  );

  test("ask the API even before their scripts are here", async () => {
    const { page, close } = await visit(browser, {}, /./);
    await page.route("**/assets/*.js", (route) => route.abort());
    const asked = questionsOf(page);
    const id = "ab".repeat(32);
    await page.goto(`${stage.url}/entries/?id=${id}`, { waitUntil: "networkidle" });
    await page.goto(`${stage.url}/boards/micro-1/`, { waitUntil: "networkidle" });
    const rows = "/v1/boards/micro-1?sort=learnedComplexity&order=ascending&limit=100";
    const ofEntry = ["", "/runs", "/proof"].map((part) => `/v1/entries/${id}${part}`);
    expect(asked).toEqual([...ofEntry, rows, "/v1/boards/micro-1/sentences"]);
    await close();
  }, 60_000);
});

/** What a page asks the API, in its order. */
function questionsOf(page: Page): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith("/v1/")) asked.push(pathname + search);
  });
  return asked;
}

interface Shifts {
  shift: number;
}

/** In the page, before anything else. */
function addShifts(): void {
  const kept = globalThis as unknown as Shifts;
  kept.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      kept.shift += (entry as unknown as { value: number }).value;
  }).observe({ type: "layout-shift", buffered: true });
}

const shifted = () => (globalThis as unknown as Shifts).shift;

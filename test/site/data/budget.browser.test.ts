import { rmSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BoardPage } from "../../../record/board/board-row.ts";
import { buildSite, builtShell } from "./shell.ts";
import { type Stage, holder, openStage } from "./stage.ts";
import { answeredPage, manyRows } from "./rows.ts";
import { browserPath, openBrowser, sum, visit, weigh } from "./visit.ts";

const ROWS = 100;
const REGULARIZERS = ["dropout", "wd", "ls", "mixup", "sam"] as const;

/** Configuration number `i`. */
const configuration = (i: number) => ({
  arch: i % 2 === 0 ? "mlp-512" : "cnn-16",
  regs: i < 2 ? "none" : `${REGULARIZERS[i % 5]}=${(i + 1) / 1000}`,
});

describe.skipIf(browserPath === null)("the budgets of a board in a browser", () => {
  let site: string | undefined;
  let stage: Stage;
  let browser: Browser;

  beforeAll(async () => {
    stage = await openStage(await builtShell());
    browser = await openBrowser();
    const alice = await holder(1);
    await stage.register(alice, "Alice");
    const enter = (i: number) => {
      const known = 0.02 + (0.9 * ((i * 37) % ROWS)) / ROWS;
      const levels = { known, train: 0.4 + known / 2, test: 0.4 };
      return stage.enter(alice, configuration(i), levels, false);
    };
    // many at a time, as the board is refreshed after each that comes alone
    for (let i = 0; i < ROWS; i += 25)
      await Promise.all(Array.from({ length: 25 }, (_, k) => enter(i + k)));
    await stage.until("/v1/boards/micro-1", (board) => (board as BoardPage).total === ROWS);
    site = await buildSite(stage.url);
    await stage.move(site);
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
    if (site !== undefined) rmSync(site, { recursive: true, force: true });
  });

  test("a page with a hundred rows costs at most 150 kB and does not shift", async () => {
    const { page, close } = await visit(browser);
    const weights = weigh(page);
    await page.addInitScript(() => {
      const kept = globalThis as unknown as { shift: number };
      kept.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          kept.shift += (entry as unknown as { value: number }).value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(`${stage.url}/boards/micro-1/`, { waitUntil: "networkidle" });
    expect(await page.locator("table.board tbody tr").count()).toBe(ROWS);
    const shift = await page.evaluate(() => (globalThis as unknown as { shift: number }).shift);
    expect(shift).toBeLessThan(0.02);
    const sizes = await weights();
    expect(sum(sizes), JSON.stringify([...sizes], null, 1)).toBeLessThanOrEqual(150_000);
    expect(sum(sizes)).toBeGreaterThan(30_000); // else something was not weighed
    await close();
  });

  test("its regularizers cost at most 150 kB, do not shift, and are filtered by a choice that the address keeps", async () => {
    const { page, faults, close } = await visit(browser);
    const weights = weigh(page);
    await page.goto(`${stage.url}/regularizers/micro-1/`, { waitUntil: "networkidle" });
    const sizes = await weights();
    expect(sum(sizes), JSON.stringify([...sizes], null, 1)).toBeLessThanOrEqual(150_000);
    const shown = (place: string) => page.locator(`${place}:visible`).count();
    expect(await page.locator(".matrix th[data-archs]:visible").allTextContents()).toEqual(
      expect.arrayContaining(["mlp-512", "cnn-16"]),
    );
    const all = await shown(".matrix tbody tr");
    expect(all).toBe(60);
    await page.getByLabel("Architecture").selectOption("cnn-16");
    expect(await shown('.matrix [data-archs="mlp-512"]')).toBe(0);
    expect(await shown('.matrix td[data-archs="cnn-16"]')).toBeGreaterThan(0);
    await page.getByLabel("Regularizers").selectOption("dropout");
    expect(await shown("section[data-family]")).toBe(1);
    expect(new URL(page.url()).search).toBe("?arch=cnn-16&family=dropout");
    await page.reload();
    expect(await page.getByLabel("Architecture").inputValue()).toBe("cnn-16");
    expect(await shown(".matrix tbody tr")).toBeLessThan(all);
    expect(await shown("section[data-family]")).toBe(1);
    expect(faults).toEqual([]);
    await close();
  });

  test("two thousand rows are paged and filtered; how soon ten thousand are, bench:site measures", async () => {
    const rows = manyRows(2000);
    const { page, close } = await visit(browser);
    await page.route("**/v1/boards/micro-1?*", async (route) => {
      if (route.request().headers()["if-none-match"] === '"all"')
        return route.fulfill({ status: 304 });
      const json = answeredPage(rows, new URL(route.request().url()).searchParams);
      await route.fulfill({ json, headers: { etag: '"all"' } });
    });
    await page.goto(`${stage.url}/boards/micro-1/`);
    await expect.poll(() => page.locator(".count").textContent()).toBe("2,000 entries");
    expect(await page.locator(".pager").textContent()).toContain("Page 1 of 20");
    expect(await page.locator("tr.new").count()).toBe(0);
    const box = page.getByRole("searchbox");
    await box.fill("mlp");
    await expect.poll(() => page.locator(".count").textContent()).toBe("1,000 of 2,000 entries");
    for (const text of ["dropout", "cnn wd", "a1", "mlp none", "cnn", "mlp"]) {
      await page.evaluate((words) => {
        const input = document.querySelector<HTMLInputElement>("input[name=q]")!;
        input.value = words;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }, text);
    }
    await expect.poll(() => page.locator(".pager").textContent()).toContain("Page 1 of 10");
    expect(await page.locator("table.board tbody tr").count()).toBe(100);
    await page.getByRole("button", { name: "Next" }).click();
    expect(page.url()).toContain("page=2");
    await close();
  });
});

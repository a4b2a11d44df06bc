import { readFileSync, rmSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildSite, builtShell } from "./shell.ts";
import { holder, openStage, type Stage } from "./stage.ts";
import { browserPath, faultsInBothThemes, openBrowser, sum, visit, weigh } from "./visit.ts";

/** Longest that the rules for names allow, in letters that are wide. */
const LONG_NAME = "Württembergische Wissenschaftsgesellschaft München W W W W W".slice(0, 60);

/** CSS pixels between its margins of 14 mm. */
const A4 = { width: 688, height: 1016 };
const ACROSS = { width: A4.height, height: A4.width };

describe.skipIf(browserPath === null)("pages made from what a server holds, in a browser", () => {
  let site: string | undefined;
  let stage: Stage;
  let browser: Browser;
  let entries: string[];
  let paths: string[];

  beforeAll(async () => {
    stage = await openStage(await builtShell());
    browser = await openBrowser();
    const [alice, bob] = [await holder(1), await holder(2)];
    await stage.register(alice, LONG_NAME);
    await stage.register(bob, "Bob");
    const enter = (who: typeof alice, arch: string, regs: string, known: number, fresh = true) =>
      stage.enter(who, { arch, regs }, { known, train: 0.5 + known, test: 0.4 }, fresh);
    entries = [
      await enter(alice, "mlp-512", "none", 0.44),
      await enter(bob, "mlp-512", "wd=0.005,dropout=0.5,ls=0.1,aug,mixup=0.2", 0.05),
      await enter(alice, "cnn-16", "none", 0.3, false),
      await enter(bob, "cnn-16", "dropout=0.5", 0.12),
      await enter(bob, "cnn-16", "aug", 0.2),
    ];
    const retraction = { key: bob.key, statement: entries[4]!, reason: "The wrong folder." };
    await stage.submit("/v1/retractions", "retraction", retraction, bob);
    const moderation = {
      key: stage.operator.key,
      action: "quarantine" as const,
      subject: entries[2]!,
      reason: "Its key was stolen.",
      at: new Date().toISOString(),
    };
    await stage.submit("/v1/moderations", "moderation", moderation, stage.operator);
    await stage.until("/v1/boards/micro-1", (board) => {
      const { retracted, quarantined } = (board as { hidden: Record<string, number> }).hidden;
      return retracted === 1 && quarantined === 1;
    });
    await stage.untilMeasured();
    site = await buildSite(stage.url);
    await stage.move(site);
    paths = [
      "/",
      "/boards/micro-1/",
      "/boards/micro-1/?hidden=1",
      "/boards/micro-1/?axis=equivalentWidth",
      `/entries/${entries[1]}/`,
      `/entries/${entries[4]}/`,
      `/entries/?id=${entries[0]}`,
      `/compare/?entries=${entries[0]},${entries[1]},${entries[3]}`,
      "/compare/",
      "/regularizers/micro-1/",
      "/architectures/micro-1/",
      "/training/micro-1/",
      "/measures/micro-1/",
      "/measures/cifar10-1/",
      "/regularizers/cifar10-1/",
    ];
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
    if (site !== undefined) rmSync(site, { recursive: true, force: true });
  });

  const expectAccessible = async (page: Page, where: string) =>
    expect([where, await faultsInBothThemes(page)]).toEqual([where, []]);

  test("have nothing that axe finds in either theme, no error and no broken policy", async () => {
    const { page, faults, close } = await visit(browser);
    for (const path of paths) {
      await page.goto(stage.url + path, { waitUntil: "networkidle" });
      await expectAccessible(page, path);
    }
    expect(faults).toEqual([]);
    await close();
  }, 240_000);

  test("have nothing that axe finds while the tray and a list of choices are open", async () => {
    const { page, faults, close } = await visit(browser);
    await page.goto(`${stage.url}/boards/micro-1/?compare=${entries[0]},${entries[1]}`);
    await page.locator(".tray").waitFor();
    for (const name of ["Architecture", "Regularizers", "State", "Columns"]) {
      await page.locator(".chooser summary", { hasText: name }).click();
      expect(await page.locator(".chooser[open] .options").isVisible()).toBe(true);
      await expectAccessible(page, name);
    }
    await page.getByRole("button", { name: "BibTeX" }).click();
    await page.locator(".toast", { hasText: /\w/ }).waitFor();
    await expectAccessible(page, "toast");
    expect(faults).toEqual([]);
    await close();
  }, 60_000);

  test("stay within a screen of 320 pixels, and within a sheet of paper", async () => {
    const { page, close } = await visit(browser);
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    for (const path of paths) {
      await page.emulateMedia({ media: "screen" });
      await page.setViewportSize({ width: 320, height: 640 });
      await page.goto(stage.url + path, { waitUntil: "networkidle" });
      expect([path, await width()]).toEqual([path, 320]);
      expect([path, await page.locator("h1").isVisible()]).toEqual([path, true]);
      await page.emulateMedia({ media: "print" });
      const sheet = path.startsWith("/boards/") ? ACROSS : A4; // a board's table is laid across
      await page.setViewportSize(sheet);
      expect([path, await width()]).toEqual([path, sheet.width]);
    }
    await close();
  });

  test("are read without a script", async () => {
    const { page, close } = await visit(browser, { javaScriptEnabled: false });
    await page.goto(`${stage.url}/boards/micro-1/`);
    expect(await page.locator("table.board tbody tr").count()).toBe(3);
    expect(await page.locator(".hidden-rows").textContent()).toContain(
      "1 retracted, 1 quarantined",
    );
    expect(await page.locator(".chart > .wide .plot a").count()).toBe(3);
    await page.locator(".chart > .wide .plot a").first().click();
    expect(await page.locator("table.board tbody tr:target").count()).toBe(1);
    await page.locator("table.board tbody th a").first().click();
    expect(page.url()).toMatch(/\/entries\/[0-9a-f]{64}\/$/);
    const runs = page.locator("section[aria-labelledby=runs] > .scroll tbody tr");
    await expect.poll(() => runs.count()).toBe(8);
    await page.goto(`${stage.url}/boards/micro-1/?axis=capacity`); // which nobody reads
    expect(await page.locator(".chart > .wide .plot").getAttribute("aria-label")).toBe(
      "Scatter plot of learned complexity against generalization gap",
    );
    expect(await page.locator("button:visible:not(th button), .axis:visible").count()).toBe(0);
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "All rows as CSV" }).click(),
    ]);
    const lines = readFileSync(await file.path(), "utf8")
      .trim()
      .split("\r\n");
    expect(lines).toHaveLength(1 + entries.length); // those in hidden states too
    await page.goto(`${stage.url}/measures/micro-1/`);
    expect(await page.locator(".measures .plot").count()).toBeGreaterThan(3);
    await close();
  });

  test("tell why a row is retracted or quarantined", async () => {
    const { page, close } = await visit(browser);
    await page.goto(`${stage.url}/entries/${entries[4]}/`);
    expect(await page.locator(".standing").textContent()).toContain(
      "retracted Its submitter has withdrawn it. Reason given: The wrong folder.",
    );
    await page.goto(`${stage.url}/entries/${entries[2]}/`);
    expect(await page.locator(".standing").textContent()).toContain(
      "quarantined The operator has set it aside, with a public reason. Reason given: Its key was stolen.",
    );
    await close();
  });

  test("offer pairs to whoever compares none, and draw the two over each other when that comes into view", async () => {
    const { page, faults, close } = await visit(browser);
    await page.goto(`${stage.url}/compare/`);
    await page.getByRole("link", { name: /^mlp-512 none and wd=/ }).click();
    await page.waitForSelector("article.compare");
    expect(await page.locator(".letters").textContent()).toContain("A mlp-512 none");
    expect(await page.locator("[data-offered]").count()).toBe(0);
    const place = page.locator('[data-part="overlays"]');
    await place.scrollIntoViewIfNeeded();
    await expect.poll(() => place.locator(".plot").count()).toBe(4);
    await expectAccessible(page, "overlays");
    expect(faults).toEqual([]);
    await close();
  });

  test("are reached from the board by the keyboard alone", async () => {
    const { page, close } = await visit(browser);
    await page.goto(`${stage.url}/boards/micro-1/`, { waitUntil: "networkidle" });
    const reached = new Set<string>();
    for (let i = 0; i < 70; i++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const { activeElement: at } = document;
        return (
          at?.getAttribute("href") ?? at?.getAttribute("data-focus") ?? at?.getAttribute("name")
        );
      });
      if (at) reached.add(at);
    }
    for (const place of [
      "/regularizers/micro-1/",
      "/measures/micro-1/",
      "q",
      "hidden",
      "sort-gap",
      "copy-csv",
      `compare-${entries[0]}`,
      `/entries/${entries[0]}/`,
    ])
      expect([...reached]).toContain(place);
    expect([...reached].filter((place) => place.startsWith("#e-"))).toHaveLength(1); // the map's one stop
    await close();
  });

  test("keep the board that was built when nothing at all can be fetched any more", async () => {
    const { page, close } = await visit(browser, {}, /Failed to load resource/);
    await page.route(/\/v1\/|rows\.json/, (route) => route.abort());
    await page.goto(`${stage.url}/boards/micro-1/`);
    await page.getByText("You see what was known before.").waitFor();
    const rows = page.locator("table.board tbody tr");
    expect(await rows.count()).toBe(3);
    await rows.first().click();
    await page.getByRole("button", { name: "Show them" }).click();
    expect(await rows.count()).toBe(3);
    expect(await page.locator(".chart > .wide .plot a").count()).toBe(3);
    await page.unroute(/\/v1\/|rows\.json/);
    await expect.poll(() => rows.count()).toBe(5);
    await close();
  });

  test("show the board that was built while the API is down, sorted and filtered as ever", async () => {
    const { page, close } = await visit(browser, {}, /Failed to load resource|503/);
    await page.route("**/v1/**", (route) => route.abort());
    await page.goto(`${stage.url}/boards/micro-1/`);
    await page.getByText("The server does not answer.").waitFor();
    await page.getByRole("searchbox").fill("cnn");
    await expect.poll(() => page.locator(".count").textContent()).toBe("1 of 3 entries");
    await page.goto(`${stage.url}/compare/?entries=${entries[0]},${entries[1]}`);
    await page.getByText("The server does not answer.").waitFor();
    await page.goto(`${stage.url}/entries/${entries[0]}/`);
    await page.getByRole("button", { name: "Check now" }).click();
    const outcome = page.locator("[data-outcome]");
    await outcome.getByText("The server does not answer.").waitFor();
    expect(await outcome.getAttribute("data-outcome")).toBe("unchecked");
    expect(await outcome.locator(".bad").count()).toBe(0);
    await close();
  });

  test("do not shift while they load, and cost a board less than 150 kB", async () => {
    const { page, close } = await visit(browser);
    const weights = weigh(page);
    await page.addInitScript(() => {
      const shifts = globalThis as unknown as { shift: number };
      shifts.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          shifts.shift += (entry as unknown as { value: number }).value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(`${stage.url}/boards/micro-1/`, { waitUntil: "networkidle" });
    const shift = await page.evaluate(() => (globalThis as unknown as { shift: number }).shift);
    expect(shift).toBeLessThan(0.02);
    const bytes = sum(await weights());
    expect(bytes).toBeLessThan(150_000);
    expect(bytes).toBeGreaterThan(20_000); // else something was not weighed
    await close();
  });
});

import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSite } from "../../../api/node/serve.ts";
import { builtShell } from "./shell.ts";
import { browserPath, faultsInBothThemes, openBrowser, sum, visit, weigh } from "./visit.ts";

describe.skipIf(browserPath === null)(
  "the first page in a browser, without a server of results",
  () => {
    let browser: Browser;
    let url: string;
    let server: ReturnType<typeof createAdaptorServer>;

    beforeAll(async () => {
      server = createAdaptorServer({ fetch: createSite(await builtShell()).fetch });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      browser = await openBrowser();
    }, 120_000);

    afterAll(async () => {
      await browser?.close();
      server?.close();
    });

    test("moves its run by keyboard: images, sentence, curves and the slider's words follow", async () => {
      const { page, faults, close } = await visit(browser);
      const weights = weigh(page);
      await page.goto(url, { waitUntil: "networkidle" });
      expect(sum(await weights())).toBeLessThan(150_000);
      const known = page.locator(".told .mark.known");
      expect(await known.count()).toBe(3);
      const slider = page.getByRole("slider", { name: "Epoch" });
      await slider.focus();
      await page.keyboard.press("Home");
      await expect.poll(() => known.count()).toBe(0);
      expect(await slider.getAttribute("aria-valuetext")).toBe("0 of 30");
      expect(await page.locator(".memorised .sentence").textContent()).toMatch(
        /^After 0 epochs the head knows the random labels of 20 of 2,500 images/,
      );
      for (let i = 0; i < 9; i++) await page.keyboard.press("ArrowRight");
      await expect.poll(() => known.count()).toBe(2);
      const picture = page.getByRole("img", { name: /^Epoch 9: right on 94\.8 % of the training/ });
      expect(await picture.first().isVisible()).toBe(true);
      expect(await faultsInBothThemes(page)).toEqual([]);
      await page.emulateMedia({ forcedColors: "active" });
      for (const name of ["Explore the map", "Train"]) {
        const button = page.locator(".button.primary", { hasText: name });
        const [ink, paper] = await button.evaluate((each) => {
          const { color, backgroundColor } = getComputedStyle(each);
          return [color, backgroundColor];
        });
        expect([name, ink]).not.toEqual([name, paper]);
      }
      const skip = await page.locator(".skip").evaluate((link) => getComputedStyle(link).color);
      const paper = await page.evaluate(
        () => getComputedStyle(document.body.parentElement!).backgroundColor,
      );
      expect(skip).not.toBe(paper); // in forced colours the browser paints a backplate of that colour behind text
      expect(faults).toEqual([]);
      await close();
    });

    test("plays the run from the start to the end, and stops where it is asked to", async () => {
      const { page, close } = await visit(browser);
      await page.goto(url);
      const epoch = page.locator(".memorised .value");
      await page.getByRole("button", { name: "Play" }).click();
      await expect.poll(() => epoch.textContent()).toBe("3");
      await page.getByRole("button", { name: "Stop" }).click();
      const stopped = await epoch.textContent();
      await page.waitForTimeout(400);
      expect(await epoch.textContent()).toBe(stopped);
      await page.getByRole("button", { name: "Play" }).click();
      await expect.poll(() => epoch.textContent()).toBe("30");
      expect(await page.getByRole("button", { name: "Play" }).isVisible()).toBe(true);
      await close();
    });

    test("trains the toy in a worker, counts what it fetches, compares, stops, and says what fails", async () => {
      const { page, faults, close } = await visit(browser, {}, /Failed to load resource/);
      const weights = weigh(page);
      await page.goto(url, { waitUntil: "networkidle" });
      const before = sum(await weights());
      const toy = page.locator("section.toy");
      await toy.getByRole("button", { name: "Train" }).click();
      const row = toy.locator("tbody tr");
      await row.first().waitFor({ timeout: 60_000 });
      const fetched = sum(await weights()) - before;
      expect(fetched).toBeGreaterThan(50_000); // else something was not weighed
      expect(fetched).toBeLessThan(250_000);
      const cells = async () => (await row.first().locator("th, td").allTextContents()).map(Number);
      const [lambda, complexity, gap, accuracy] = await cells();
      expect([lambda, complexity! > 15, gap! > 10, accuracy! > 65]).toEqual([0, true, true, true]);
      expect(await toy.getByRole("status").textContent()).toMatch(
        /^Trained with lambda 0: learned complexity \d+\.\d %, gap/,
      );
      expect(await faultsInBothThemes(page)).toEqual([]);
      const slider = toy.getByRole("slider", { name: "λ" });
      await slider.focus();
      for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
      expect(await slider.getAttribute("aria-valuetext")).toBe("10");
      await expect
        .poll(() => toy.locator(".wide .line.before.test").getAttribute("d"))
        .toMatch(/L.*L/);
      await toy.getByRole("button", { name: "Stop" }).click();
      expect(await toy.getByRole("button", { name: "Train" }).isVisible()).toBe(true);
      expect(await row.count()).toBe(1); // what did not end has no row
      await page.context().route("**/*.bin", (route) => route.abort());
      await toy.getByRole("button", { name: "Train" }).click();
      await toy.locator(".fault", { hasText: "The images could not be fetched." }).waitFor();
      expect(await row.count()).toBe(1);
      expect(faults).toEqual([]);
      await close();
    }, 90_000);

    test("without a script shows the run's end, and no control that would do nothing", async () => {
      const { page, close } = await visit(browser, { javaScriptEnabled: false });
      await page.goto(url);
      expect(await page.locator(".told .mark.known").count()).toBe(3);
      expect(await page.locator("main :is(input, button):visible").count()).toBe(0);
      await page.getByRole("link", { name: "Explore the map" }).click();
      expect(page.url()).toBe(`${url}boards/micro-1/`);
      await close();
    });
  },
);

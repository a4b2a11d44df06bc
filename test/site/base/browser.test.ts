import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { publicKeyOf } from "../../../record/signature/ed25519.ts";
import { browserPath } from "../../browser/find-browser.ts";
import { buildSite, REASON, type BuiltSite } from "./built-site.ts";

const PAGES = ["/method/", "/trust/", "/submit/", "/log/", "/protocols/micro-1/", "/nowhere/"];
const axe = readFileSync(
  new URL("../../../node_modules/axe-core/axe.min.js", import.meta.url),
  "utf8",
);

describe.skipIf(browserPath === null)("the text pages in a real browser", () => {
  let site: BuiltSite;
  let browser: Browser;
  let origin: string;
  let isDown = false;
  const server = createAdaptorServer({
    fetch: (request) => {
      const isAsked = new URL(request.url).pathname.startsWith("/v1/");
      return isAsked && isDown ? new Response("down", { status: 503 }) : site.fetch(request);
    },
  });

  beforeAll(async () => {
    site = await buildSite();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: browserPath!, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser.close();
    server.close();
    await site.remove();
  });

  /** With everything that the console complains of, violations of the policy included. */
  async function open(
    path: string,
    options: Parameters<Browser["newPage"]>[0] = {},
  ): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage(options);
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(origin + path, { waitUntil: "networkidle" });
    return { page, complaints };
  }

  const themes = ["light", "dark"] as const;
  test.each(PAGES.flatMap((path) => themes.map((theme) => [path, theme] as const)))(
    "%s in %s: axe finds nothing, the console is silent, 320 px are enough",
    async (path, colorScheme) => {
      const { page, complaints } = await open(path, { colorScheme });
      await page.evaluate(axe);
      const found = await page.evaluate<string[]>(
        "axe.run().then((r) => r.violations.map((v) => v.id + ' ' + v.nodes[0].target))",
      );
      expect(found).toEqual([]);
      await page.setViewportSize({ width: 320, height: 700 });
      const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      expect(overflow).toBe(0);
      const expected = path === "/nowhere/" ? 1 : 0; // Chromium reports the 404 of the page itself
      expect(complaints).toHaveLength(expected);
      await page.close();
    },
  );

  test("a theme chosen here outlives the page and wins over the system's", async () => {
    const context = await browser.newContext({ colorScheme: "light" });
    const page = await context.newPage();
    const paper = () =>
      page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor");
    await page.goto(`${origin}/trust/`);
    const light = await paper();
    await page.getByRole("button", { name: "Dark theme" }).click();
    const dark = await paper();
    expect(dark).not.toBe(light);
    await page.goto(`${origin}/method/`);
    expect(await paper()).toBe(dark);
    expect(
      await page.getByRole("button", { name: "Dark theme" }).getAttribute("aria-pressed"),
    ).toBe("true");
    await page.emulateMedia({ media: "print" });
    expect(await paper()).toBe(light);
    await context.close();
  });

  test("by keyboard alone: skip to the content, walk the navigation, change the theme", async () => {
    const { page } = await open("/submit/");
    const focused = () =>
      page.evaluate<string>(
        "document.activeElement.textContent.trim() || document.activeElement.ariaLabel",
      );
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
    await page.goto(`${origin}/method/`); // a reload would begin behind the anchor
    const walked: string[] = [];
    for (let i = 0; i < 9; i++) {
      await page.keyboard.press("Tab");
      walked.push(await focused());
    }
    expect(walked).toEqual([
      "Skip to the content",
      "Rademark",
      "Boards",
      "Method",
      "Trust",
      "Submit",
      "Log",
      "API",
      "Dark theme",
    ]);
    await page.close();
  });

  test("commands name the address that the page was read from", async () => {
    const { page } = await open("/submit/");
    expect(await page.locator("pre").nth(2).textContent()).toContain(`--api ${origin}`);
    await page.close();
  });

  test("the log shows what was accepted since the build, decisions alone where wished", async () => {
    const before = await open("/log/", { javaScriptEnabled: false });
    const built = await before.page.locator("#log-leaves tbody tr").count();
    await site.laboratory.register({ seed: new Uint8Array(32).fill(77), key: await keyOf(77) });
    const { page } = await open("/log/");
    expect(await page.locator("#log-leaves tbody tr").count()).toBe(built + 1);
    expect(await page.locator("#checkpoint-text").textContent()).toContain(
      `log.test/1\n${built + 1}\n`,
    );
    await page.getByRole("button", { name: /decisions of the operator/ }).click();
    const rows = page.locator("#log-leaves tbody tr");
    await expect.poll(() => rows.count()).toBe(1);
    expect(await rows.first().textContent()).toContain(REASON);
    expect(await rows.first().getByRole("link").getAttribute("href")).toBe(
      `/entries/${site.entryId}/`,
    );
    await Promise.all([page.close(), before.page.close()]);
  });

  test("while the server is down the log says so and keeps what it was built with", async () => {
    isDown = true;
    const { page } = await open("/log/");
    isDown = false;
    expect(await page.locator("#log-offline").isVisible()).toBe(true);
    expect(await page.locator("#log-leaves tbody tr").count()).toBeGreaterThan(3);
    await page.close();
  });

  test("a decision older than the newest hundred leaves is found by the button, from page to page", async () => {
    for (let i = 0; i < 105; i++) {
      const seed = new Uint8Array(32).fill(100 + i);
      await site.laboratory.register({ seed, key: await keyOf(100 + i) });
    }
    const { page, complaints } = await open("/log/");
    const rows = page.locator("#log-leaves tbody tr");
    expect(await rows.count()).toBe(100);
    expect(await rows.filter({ hasText: REASON }).count()).toBe(0);
    await page.getByRole("button", { name: /decisions of the operator/ }).click();
    await expect.poll(() => rows.count()).toBe(1);
    expect(await rows.first().textContent()).toContain(REASON);
    expect(await page.locator("#log-size").textContent()).toMatch(
      /^1\d\d leaves in the log, 1 withdrawal or decision among them\.$/,
    );
    expect(await page.locator("#log-older").isVisible()).toBe(false);
    await page.getByRole("button", { name: /decisions of the operator/ }).click();
    await expect.poll(() => rows.count()).toBe(100);
    await page.getByRole("button", { name: "Show older leaves" }).click();
    await expect.poll(() => rows.count()).toBeGreaterThan(105);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("a state's badge leads to its paragraph, marked", async () => {
    const { page } = await open("/trust/#disputed");
    const marked = page.locator(".rung", { has: page.locator(":target") });
    expect(await marked.textContent()).toContain("at least one other key");
    await page.close();
  });
});

async function keyOf(byte: number): Promise<string> {
  return Buffer.from(await publicKeyOf(new Uint8Array(32).fill(byte))).toString("hex");
}

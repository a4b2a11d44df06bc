import type { Browser, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BoardRow } from "../../../record/board/board-row.ts";
import { answeredPage, aRow, digest, manyRows } from "./rows.ts";
import { builtShell } from "./shell.ts";
import { openStage, type Stage } from "./stage.ts";
import { browserPath, openBrowser, visit } from "./visit.ts";

const BOARD = "**/v1/boards/micro-1?*";
const ROWS = ".board tbody tr";

describe.skipIf(browserPath === null)("a board of more rows than a map shows, in a browser", () => {
  let stage: Stage;
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
    stage = await openStage(await builtShell());
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const serve = (page: Page, rows: readonly BoardRow[]) =>
    page.route(BOARD, (route) =>
      route.fulfill({ json: answeredPage(rows, new URL(route.request().url()).searchParams) }),
    );
  const open = async (rows: readonly BoardRow[], search = "", expected?: RegExp) => {
    const visitor = await visit(browser, {}, expected);
    await serve(visitor.page, rows);
    await visitor.page.goto(`${stage.url}/boards/micro-1/${search}`);
    await visitor.page.locator(ROWS).first().waitFor();
    return visitor;
  };
  /** The last answer that was set is the one given: without one, the real server's empty board would come. */
  const anew = (page: Page, answer: (route: Route) => Promise<void>) => page.route(BOARD, answer);

  test("shows the highest test accuracies first where they are asked for", async () => {
    const rows = manyRows(400);
    const { page, faults, close } = await open(rows, "?sort=testAccuracy&order=descending");
    const best = rows.map((row) => row.numbers.testAccuracy!.mean).sort((a, b) => b - a);
    const cells = page.locator(`${ROWS} [data-title^="Test accuracy"]`);
    const shown = (await cells.allTextContents()).map(parseFloat);
    expect(shown).toHaveLength(100);
    expect(shown).toEqual(best.slice(0, 100).map((mean) => Number((100 * mean).toFixed(1))));
    await page.getByRole("button", { name: "Next" }).click();
    await expect
      .poll(async () => parseFloat((await cells.first().textContent())!))
      .toBe(Number((100 * best[100]!).toFixed(1)));
    expect(faults).toEqual([]);
    await close();
  });

  test("draws every row in its map; the nearest is found by the pointer, and all by arrow keys", async () => {
    // A map's points are known by the beginnings of their digests.
    const known = (i: number) => i.toString(16).padStart(16, "0").padEnd(64, "0");
    const rows = manyRows(400).map((row, i) => ({ ...row, entry: known(i) }));
    const { page, faults, close } = await open(rows);
    const cloud = page.locator(".map > .wide .cloud path");
    const drawn = () =>
      cloud.evaluateAll((paths) =>
        paths.reduce((sum, path) => sum + path.getAttribute("d")!.split("M").length - 1, 0),
      );
    await cloud.first().waitFor();
    await expect.poll(drawn).toBeGreaterThan(300); // those at one pixel in one look are drawn once
    const link = page.locator(".map > .wide .plot a");
    expect(await link.count()).toBe(1);
    await link.focus();
    const first = await link.getAttribute("href");
    for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
    const fourth = await link.getAttribute("href");
    expect(fourth).not.toBe(first);
    await expect.poll(() => page.locator(".tip").textContent()).toMatch(/learned complexity 0\.\d/);
    await page.keyboard.press("Enter");
    await page.locator(".card .title").waitFor();
    expect(await page.locator(".map > .wide .ring").count()).toBe(1);
    const map = (await page.locator(".map > .wide .plot").boundingBox())!;
    const middle = { x: map.x + map.width / 2, y: map.y + map.height / 2 };
    const [ringX, ringY] = await page
      .locator(".map > .wide .ring")
      .evaluate((ring) => [
        ring.getBoundingClientRect().x + 10,
        ring.getBoundingClientRect().y + 10,
      ]);
    await page.mouse.move(middle.x, middle.y);
    await page.mouse.move(ringX + 2, ringY + 2);
    await expect.poll(() => link.getAttribute("href")).toBe(fourth);
    await page.mouse.click(ringX + 2, ringY + 2); // what is selected is let go
    await expect.poll(() => page.locator(".map > .wide .ring").count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });

  test("says how many of a very large board's rows its map has, and draws all of them when asked", async () => {
    const { page, close } = await open(manyRows(2100));
    await page.getByText("300 of 2,100 entries are drawn.").waitFor();
    await page.getByRole("button", { name: "Draw all of them" }).click();
    await page.locator(".map > .wide .cloud").waitFor();
    expect(await page.getByText("entries are drawn").count()).toBe(0);
    await close();
  });

  test("says where everybody sees it that a sixth entry is not taken, and leaves the tray uncovered", async () => {
    const { page, close } = await open(manyRows(20));
    for (let i = 0; i < 6; i++) await page.locator(`${ROWS} input`).nth(i).click();
    const toast = page.locator(".toast");
    expect(await toast.textContent()).toBe("5 entries are chosen already; remove one first.");
    expect(await toast.isVisible()).toBe(true);
    // Both in one step: a tray that is drawn anew between two has no place.
    const [end, start] = await page.evaluate(() => [
      document.querySelector(".toast")!.getBoundingClientRect().bottom,
      document.querySelector(".tray")!.getBoundingClientRect().top,
    ]);
    expect(end).toBeLessThan(start);
    await expect.poll(() => toast.textContent()).toBe("");
    await close();
  });

  test("keeps the focus in pager and tray when what had it is gone", async () => {
    const { page, close } = await open(manyRows(150));
    const focused = () => page.evaluate(() => document.activeElement!.getAttribute("data-focus"));
    await page.getByRole("button", { name: "Next" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("page-Previous"); // the next one is disabled on the last page
    await page.locator(`${ROWS} input`).first().focus();
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "Clear" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("table");
    await close();
  });

  test("goes on after an answer that is no JSON, and after half of one", async () => {
    const { page, close } = await open(manyRows(3), "", /Failed to load resource|ERR_/);
    for (const body of ["<h1>Sign in to this network</h1>", '{"rows": [']) {
      await anew(page, (route) => route.fulfill({ contentType: "text/html", body }));
      await page.getByText("The server does not answer.").waitFor();
      expect(await page.locator(ROWS).count()).toBe(3);
      await serve(page, manyRows(4));
      await expect.poll(() => page.locator(".notice.offline").count()).toBe(0);
      expect(await page.locator(ROWS).count()).toBe(4);
      await serve(page, manyRows(3));
      await expect.poll(() => page.locator(ROWS).count()).toBe(3);
    }
    await close();
  });

  test("says that it is too old for a row that it cannot draw, and keeps the others", async () => {
    const { page, faults, close } = await open(manyRows(3));
    const strange = { ...aRow({ entry: digest(7) }), regs: "unheard-of=1" };
    await serve(page, [...manyRows(3), strange]);
    await page.getByText("This page cannot show what the server sent.").waitFor();
    expect(await page.locator(ROWS).count()).toBeGreaterThanOrEqual(3);
    expect(faults.join()).toContain("unheard-of");
    await close();
  });

  test("waits for as long as a server asks it to, and says so", async () => {
    const { page, close } = await open(manyRows(3), "", /Failed to load resource/);
    let asked = 0;
    await anew(page, (route) => {
      asked++;
      const headers = { "retry-after": "40" };
      return route.fulfill({ status: 429, headers, body: "slowly" });
    });
    await page.getByText("The server answered 429.").waitFor();
    expect(await page.locator(".notice").textContent()).toContain("asks again in 40 seconds.");
    await page.getByRole("button", { name: "Gap (points)" }).click(); // wants nothing from a server that is busy
    await page.waitForTimeout(6500);
    expect(asked).toBe(1);
    expect(await page.locator(ROWS).count()).toBe(3);
    await close();
  }, 20_000);
});

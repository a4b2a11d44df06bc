import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSite } from "../../api/node/serve.ts";
import { rademark } from "../world/command-line.ts";
import { openPeopledLaboratory } from "../world/laboratory.ts";
import { listed, reproduced } from "../world/visitor.ts";
import { layOutDatabase } from "../world/databases.ts";
import { runBuild } from "./base/built-site.ts";
import { openStage, holder, type Stage } from "./data/stage.ts";
import {
  accessibilityFaults,
  browserPath,
  faultsInBothThemes,
  openBrowser,
  visit,
} from "./data/visit.ts";

const GROUP = "tbody.reference tr[data-entry]";
const OUTLINED = ".chart > .wide .plot .outlined a";
const BOARD = "/boards/micro-1/";

/** Entries of the reference, and those of them that a board's table begins with. */
const [ALL, FIRST] = [12, 10];

/** The dump of a log of `ALL` entries, the first of them reproduced; two are of one architecture. @returns their ids. */
async function writeReference(file: string): Promise<string[]> {
  const room = await openPeopledLaboratory();
  const ids = [await listed(room), await listed(room, { regs: "wd=0.005" })];
  ids.push(await listed(room, { arch: "cnn-16" }));
  while (ids.length < ALL) ids.push(await listed(room, { arch: `mlp-${ids.length}` }));
  await reproduced(room, ids[0]!);
  const dump = await room.app.request("/v1/export/log.jsonl.gz");
  writeFileSync(file, new Uint8Array(await dump.arrayBuffer()));
  await room.close();
  return ids;
}

describe.skipIf(browserPath === null)("boards that open with the reference", () => {
  const work = mkdtempSync(join(tmpdir(), "rademark-reference-"));
  const [dump, site] = [join(work, "reference.jsonl.gz"), join(work, "site")];
  let ids: string[];
  let stage: Stage;
  let browser: Browser;

  beforeAll(async () => {
    ids = await writeReference(dump);
    const built = runBuild("--api", "none", "--reference", dump, "--out", site);
    expect(built.status, built.stdout + built.stderr).toBe(0);
    stage = await openStage(site);
    browser = await openBrowser();
  }, 240_000);

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
    rmSync(work, { recursive: true, force: true });
  });

  const open = (options = {}, expected?: RegExp) => visit(browser, options, expected);
  const box = (page: Page) => page.getByLabel(`Show the reference, ${ALL} outlined entries`);
  const fetched = (page: Page) => {
    const paths: string[] = [];
    page.on("request", (request) => paths.push(new URL(request.url()).pathname));
    return paths;
  };

  test("an empty board shows it at once, without its rows or a chart library being fetched", async () => {
    const { page, faults, close } = await open();
    const paths = fetched(page);
    await page.goto(stage.url + BOARD);
    await page.getByText("Nobody has submitted a result to micro-1 yet.").waitFor();
    expect(await page.locator(OUTLINED).count()).toBe(ALL);
    expect(await page.locator(GROUP).count()).toBe(FIRST);
    expect(await page.locator(".count").textContent()).toBe("0 entries");
    expect(paths.filter((path) => /reference\/boards|board-map/.test(path))).toEqual([]);
    expect(await faultsInBothThemes(page)).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });

  test("one switch hides it by keyboard, in map and table, and the address keeps that", async () => {
    const { page, faults, close } = await open();
    await page.goto(stage.url + BOARD);
    await page.getByText("Nobody has submitted").waitFor();
    await box(page).focus();
    await page.keyboard.press("Space");
    expect(page.url()).toMatch(/micro-1\/\?reference=hidden$/);
    await expect.poll(() => page.locator(`${OUTLINED}, tbody.reference`).count()).toBe(0);
    expect(await page.locator("[data-live]").textContent()).toBe("The reference is hidden.");
    await page.reload();
    await page.getByText("Nobody has submitted").waitFor();
    expect(await box(page).isChecked()).toBe(false);
    await expect.poll(() => page.locator(`${OUTLINED}, tbody.reference`).count()).toBe(0);
    await box(page).focus();
    await page.keyboard.press("Space");
    await expect.poll(() => page.locator(OUTLINED).count()).toBe(ALL);
    await expect.poll(() => page.locator(GROUP).count()).toBe(FIRST);
    expect(await box(page).evaluate((each) => each === document.activeElement)).toBe(true);
    expect(page.url()).toMatch(/micro-1\/$/);
    expect(faults).toEqual([]);
    await close();
  });

  test("its first rows and the selected one are in the table, all once they are asked for, and the address keeps that", async () => {
    const { page, faults, close } = await open();
    await page.goto(stage.url + BOARD);
    await page.getByText("Nobody has submitted").waitFor();
    const title = page.locator(".group th");
    expect(await title.textContent()).toBe(
      `The reference: ${ALL} entries, ${FIRST} of them shown. Show all ${ALL}`,
    );
    await page.getByRole("link", { name: `Show all ${ALL}` }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(GROUP).count()).toBe(ALL);
    expect(page.url()).toMatch(/micro-1\/\?reference=all$/);
    const fewer = page.getByRole("button", { name: `Show the first ${FIRST}` });
    expect(await fewer.evaluate((each) => each === document.activeElement)).toBe(true);
    const last = (await page.locator(GROUP).last().getAttribute("data-entry"))!;
    await page.reload();
    await expect.poll(() => page.locator(GROUP).count()).toBe(ALL);
    await fewer.click();
    await expect.poll(() => page.locator(GROUP).count()).toBe(FIRST);
    await page.goto(`${stage.url}${BOARD}?entry=${last}`);
    await expect.poll(() => page.locator(GROUP).count()).toBe(FIRST + 1);
    expect(await page.locator("tr.selected").getAttribute("data-entry")).toBe(last);
    expect(faults).toEqual([]);
    await close();
  });

  test("without a script the switch works all the same, and every row leads to its page", async () => {
    const { page, close } = await open({ javaScriptEnabled: false });
    await page.goto(stage.url + BOARD);
    await box(page).uncheck();
    expect(await page.locator(`:is(${OUTLINED}, ${GROUP}):visible`).count()).toBe(0);
    await box(page).check();
    expect(await page.locator(`${GROUP}:visible`).count()).toBe(FIRST);
    await page.getByRole("link", { name: `Show all ${ALL}` }).click();
    expect(page.url()).toMatch(/\/reference\/boards\/micro-1\/$/);
    expect(await page.locator(GROUP).count()).toBe(ALL);
    await page.locator(`${GROUP} th a`).first().click();
    expect(page.url()).toMatch(/\/reference\/entries\/[0-9a-f]{64}\/$/);
    expect(await page.locator(".entry .notice.quiet").textContent()).toContain("One party trained");
    await page.goto(`${stage.url}/training/micro-1/`);
    expect(await page.locator(".filter").count()).toBe(1); // which does nothing without one
    expect(await page.locator(".scripted:visible").count()).toBe(0);
    await close();
  });

  test("has its regularizers and its training drawn, and its pairs are compared in the page itself", async () => {
    const { page, faults, close } = await open({}, /404/);
    await page.goto(`${stage.url}/training/micro-1/`);
    expect(await page.locator(".of-the-reference [data-cell] .plot").count()).toBe(2 * ALL);
    await page.goto(`${stage.url}/regularizers/micro-1/`);
    const cell = page.locator(".of-the-reference .matrix td a");
    await cell.click();
    await page.waitForSelector("article.compare");
    expect(new URL(page.url()).searchParams.get("entries")).toBe(`${ids[0]},${ids[1]}`);
    expect(await page.locator(".letters a").first().getAttribute("href")).toBe(
      `/reference/entries/${ids[0]}/`,
    );
    const place = page.locator('[data-part="overlays"]');
    await place.scrollIntoViewIfNeeded();
    await expect.poll(() => place.locator(".plot").count()).toBe(4);
    expect(faults).toEqual([]);
    await close();
  });

  test("stays apart from entries that come: another count, another group, tiers and copies without it", async () => {
    const { page, faults, close } = await open({
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await page.goto(stage.url + BOARD);
    await page.getByText("Nobody has submitted").waitFor();
    const alice = await holder(1);
    await stage.register(alice, "Alice");
    const levels = { known: 0.44, train: 0.98, test: 0.4 };
    const entered = await stage.enter(alice, { arch: "mlp-512", regs: "aug" }, levels, false);
    await page.locator(`tr[data-entry="${entered}"]`).waitFor();
    expect(await page.locator(".count").textContent()).toBe("1 entry");
    await expect.poll(() => page.locator(OUTLINED).count()).toBe(ALL);
    expect(await page.locator(GROUP).count()).toBe(FIRST);
    expect(await page.locator(`${GROUP} input`).count()).toBe(0);
    await page.getByRole("button", { name: "CSV" }).click();
    await expect.poll(() => page.locator(".toast").textContent()).toBe("Copied 1 row.");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    for (const id of ids) expect(copied).not.toContain(id);
    await page.getByRole("searchbox").fill("cnn");
    await expect.poll(() => page.locator(".count").textContent()).toBe("0 of 1 entry");
    await expect
      .poll(() => page.locator(".group").textContent())
      .toBe(`The reference: 1 of ${ALL} entries`);
    await page.getByRole("button", { name: "Reset" }).click();
    await page.locator("summary", { hasText: "Architecture" }).click();
    await page.getByRole("checkbox", { name: "cnn-16" }).waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  test("a point and a row of it are selected by click and by arrow keys, and lead to its page", async () => {
    const { page, faults, close } = await open();
    await page.goto(stage.url + BOARD);
    await page.locator(`${GROUP} th a`).first().waitFor();
    const point = page.locator(`${OUTLINED}[href="/reference/entries/${ids[2]}/"]`);
    await point.focus();
    await page.keyboard.press("Enter");
    await page.locator(".card .title", { hasText: "cnn-16 none" }).waitFor();
    expect(await page.locator(".card").getByRole("button").count()).toBe(0);
    expect(await page.locator("tr.selected").getAttribute("data-entry")).toBe(ids[2]);
    await page.reload();
    await page.locator(".card .title", { hasText: "cnn-16 none" }).waitFor();
    await page.locator(".board-scroll").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    const isInGroup = () =>
      document.activeElement!.closest("tbody.reference tr[data-entry]") !== null;
    expect(await page.evaluate(isInGroup)).toBe(true);
    await page.getByRole("link", { name: "Open the entry" }).click();
    await page.waitForURL(`**/reference/entries/${ids[2]}/`);
    expect(faults).toEqual([]);
    await close();
  });

  test("a log that was seeded from it shows its entries once", async () => {
    const folder = join(work, "seeded");
    await layOutDatabase(folder);
    const restored = await rademark(["db", "restore", dump, "--new-log", "--data", folder], {
      cwd: work,
    });
    expect([restored.code, restored.stderr]).toEqual([0, ""]);
    expect(restored.stdout).toMatch(/leaves verified and restored\nroot [0-9a-f]{64}\nsigned by /);
    const seeded = await openStage(site, folder);
    const { page, faults, close } = await open();
    await page.goto(seeded.url + BOARD);
    await expect.poll(() => page.locator("tr[data-entry]").count()).toBe(ALL);
    await expect
      .poll(() => page.locator("tbody.reference, .outlined, [name=reference]").count())
      .toBe(0);
    const states = await page.locator("tr[data-entry] .state").allTextContents();
    expect(states.sort()).toEqual([
      ...Array<string>(ALL - 1).fill("challenged"),
      "disputed: disagreement",
    ]);
    expect(faults).toEqual([]);
    await close();
    await seeded.close();
  });

  test("its pages and all that they lead to are files, checked in a browser and on a command line", async () => {
    const files = createSite(site);
    const server = createAdaptorServer({ fetch: files.fetch });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const path = `/reference/entries/${ids[0]}/`;
    const { page, faults, close } = await open();
    await page.goto(origin + path);
    await page.getByRole("button", { name: "Check now" }).click();
    await page.locator("[data-outcome=passed]").waitFor();
    await page.locator("summary", { hasText: "The envelope" }).click();
    const payload = /"payload": "([^"]{1000,})"/;
    await expect.poll(() => page.locator("[data-envelope] code").textContent()).toMatch(payload);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await close();
    const text = readFileSync(join(site, path, "index.html"), "utf8");
    const links = [...text.matchAll(/href="(\/[^"#]*)[^"]*"/g)].map(([, href]) => href!);
    expect(links.filter((href) => href.startsWith("/reference/v1/"))).toHaveLength(2);
    for (const href of links.filter((href) => href !== "/docs")) {
      const answer = await files.request(href.replaceAll("&amp;", "&"));
      expect([href, answer.status]).toEqual([href, 200]);
    }
    const env = { RADEMARK_CONFIG: work };
    const verified = await rademark(["verify", origin + path], { cwd: work, env });
    expect(verified.stdout).toMatch(/ok {6}inclusion .* log\.test\/1 has signed for/);
    expect([verified.code, verified.stderr]).toEqual([0, ""]);
    server.close();
  });
});

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refreshBoards } from "../../../db/board/refresh-boards.ts";
import { LogPage } from "../../../record/answers/documents.ts";
import { logEntryHash } from "../../../record/log/log-proof.ts";
import { rademark } from "../../world/command-line.ts";
import { browserPath, openBrowser, visit } from "../data/visit.ts";
import { type BuiltSite, buildSite } from "./built-site.ts";

describe.skipIf(browserPath === null)("a site built from a dump, on a host of files alone", () => {
  let site: BuiltSite;
  let browser: Browser;
  let origin: string;
  const asked: string[] = [];
  const server = createAdaptorServer({
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/v1/")) asked.push(pathname);
      return site.files.fetch(request);
    },
  });

  beforeAll(async () => {
    site = await buildSite();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    server.close();
    await site.remove();
  });

  const open = (expected?: RegExp) => visit(browser, {}, expected);
  const NOT_HERE = /status of 404/;

  test("asks once for news, says quietly that there are none, and accuses nobody", async () => {
    const { page, faults, close } = await open(NOT_HERE);
    asked.length = 0;
    await page.goto(`${origin}/boards/micro-1/`);
    await page.getByText("This copy stands without a server: you see what was known").waitFor();
    await page.getByRole("button", { name: "Gap (points)" }).click();
    expect(await page.locator("table.board th[aria-sort]").textContent()).toContain("Gap");
    await page.waitForTimeout(6000);
    expect(asked).toEqual(["/v1/boards/micro-1"]);
    expect(await page.locator(".notice").count()).toBe(0);
    await page.goto(`${origin}/log/`, { waitUntil: "networkidle" });
    expect(await page.locator("#log-offline").isVisible()).toBe(false);
    expect(faults).toEqual([]);
    await close();
  });

  test("an entry is checked in the browser, and again after the log's tree was seen", async () => {
    const { page, faults, close } = await open();
    for (const id of [site.entryId, site.otherId]) {
      await page.goto(`${origin}/entries/${id}/`);
      await page.getByRole("button", { name: "Check now" }).click();
      await page.locator("[data-outcome=passed]").waitFor();
    }
    expect(asked.some((path) => path.startsWith("/v1/log/consistency/"))).toBe(true);
    expect(faults).toEqual([]);
    await close();
  });

  test("whoever saw the log when it was shorter is shown that it only grew", async () => {
    const { page, close } = await open();
    const key = readFileSync(join(site.folder, "v1/log/key"), "utf8").trim();
    const root = await rootOfTwo();
    await page.goto(`${origin}/entries/${site.otherId}/`);
    const check = async (tree: object) => {
      await page.evaluate(
        (seen) => localStorage.setItem("rademark-log-seen", seen),
        JSON.stringify(tree),
      );
      await page.getByRole("button", { name: "Check now" }).click();
      await page.locator("[data-outcome]").waitFor();
      return page.locator("[data-outcome]").getAttribute("data-outcome");
    };
    expect(await check({ log: key, size: 2, root })).toBe("passed");
    expect(await check({ log: key, size: 3, root })).toBe("failed");
    await close();
  });

  test("entries are compared by the page itself, as the server compares them", async () => {
    const { page, faults, close } = await open(NOT_HERE);
    await page.goto(`${origin}/compare/?entries=${site.entryId},${site.otherId}`);
    await page.locator("article.compare").waitFor();
    await refreshBoards(site.laboratory.db);
    const here = await page.locator("article.compare").textContent();
    await page.route("**/v1/compare*", async (route) => {
      const { search, pathname } = new URL(route.request().url());
      const answer = await site.laboratory.app.request(pathname + search);
      await route.fulfill({
        status: answer.status,
        body: await answer.text(),
        contentType: "application/json",
      });
    });
    await page.reload();
    await page.locator("article.compare").waitFor();
    expect(await page.locator("article.compare").textContent()).toBe(here);
    expect(faults).toEqual([]);
    await close();
  });

  test("the command line verifies an entry there as it does on a server", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rademark-files-alone-"));
    const args = ["verify", site.otherId, "--api", origin];
    const verified = await rademark(args, { cwd: folder, env: { RADEMARK_CONFIG: folder } });
    rmSync(folder, { recursive: true });
    expect(verified.stdout).toMatch(/ok {6}inclusion .* log\.test\/1 has signed for/);
    expect([verified.code, verified.stderr]).toEqual([0, ""]);
  });

  test("a tampered file turns the check red; without its files nothing is said of an entry", async () => {
    const { page, close } = await open(NOT_HERE);
    const file = join(site.folder, "v1/log/statements", site.otherId);
    const whole = readFileSync(file, "utf8");
    const { envelope } = JSON.parse(whole) as { envelope: { payload: string } };
    const payload = Buffer.from(envelope.payload, "base64").toString();
    const changed = payload.replace(
      /"testCorrect":(\d)/,
      (_, digit: string) => `"testCorrect":${(Number(digit) % 9) + 1}`,
    );
    expect(changed).not.toBe(payload);
    writeFileSync(file, whole.replace(envelope.payload, Buffer.from(changed).toString("base64")));
    await page.goto(`${origin}/entries/${site.otherId}/`);
    await page.getByRole("button", { name: "Check now" }).click();
    await page.locator("[data-outcome=failed]").waitFor();
    rmSync(join(site.folder, "v1"), { recursive: true });
    await page.getByRole("button", { name: "Check now" }).click();
    await page.locator("[data-outcome=unchecked]").waitFor();
    expect(await page.locator("[data-outcome]").textContent()).toContain("without a server");
    await page.goto(`${origin}/compare/?entries=${site.entryId},${site.otherId}`);
    await page.getByText("if it was built from a dump").waitFor();
    await close();
  });

  /** Base64, of the log's first two leaves (RFC 6962 section 2.1). */
  async function rootOfTwo(): Promise<string> {
    const answer = await site.laboratory.app.request("/v1/log/entries?before=2");
    const { leaves } = LogPage.parse(await answer.json());
    const [second, first] = leaves.map(({ kind, digest }) => logEntryHash({ kind, digest }));
    return createHash("sha256")
      .update(Uint8Array.of(1))
      .update(first!)
      .update(second!)
      .digest("base64");
  }
});

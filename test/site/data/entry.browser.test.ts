import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StatementDocument } from "../../../record/answers/documents.ts";
import { builtShell } from "./shell.ts";
import { type Stage, holder, openStage } from "./stage.ts";
import { browserPath, openBrowser, sum, visit, weigh } from "./visit.ts";

describe.skipIf(browserPath === null)("an entry in a browser", () => {
  let stage: Stage;
  let browser: Browser;
  let entry: string;

  beforeAll(async () => {
    browser = await openBrowser();
    stage = await openStage(await builtShell());
    const alice = await holder(1);
    await stage.register(alice, "Alice");
    const configuration = { arch: "cnn-16", regs: "dropout=0.5" };
    entry = await stage.enter(alice, configuration, { known: 0.12, train: 0.7, test: 0.5 });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const open = async (expected?: RegExp) => {
    const visitor = await visit(browser, {}, expected);
    await visitor.page.goto(`${stage.url}/entries/?id=${entry}`);
    await visitor.page.waitForSelector("article.entry");
    return visitor;
  };
  const check = async (page: Page) => {
    await page.getByRole("button", { name: "Check now" }).click();
    const outcome = page.locator("[data-outcome]");
    await outcome.waitFor();
    return outcome.getAttribute("data-outcome");
  };
  const failedChecks = (page: Page) => page.locator(".checks .bad .name").allTextContents();

  test("shows where it comes from, its controls, its counts and how to train it again", async () => {
    const { page, faults, close } = await open();
    const text = (await page.locator("article.entry").textContent()) ?? "";
    expect(await page.locator("h1").textContent()).toBe("cnn-16 dropout=0.5");
    for (const part of [
      "Frozen trunk's capacity",
      "Signed by",
      "Leaf 2 of the log",
      "Nobody has trained it again",
    ])
      expect(text).toContain(part);
    expect(text).toContain(`rademark -- repro ${entry} --api ${stage.url} --threads 1`);
    expect(text).toMatch(/--reg dropout=0.5 --seeds panel --threads 1/);
    expect(text).toMatch(/Harness0\.\d+\.\d+, /);
    expect(text).toContain("Capacity minus frozen");
    expect(await page.locator("section[aria-labelledby=runs] > .scroll tbody tr").count()).toBe(8);
    await expect.poll(() => page.locator(".plot").count()).toBe(2 + 2 + 2 + 3); // curves and shades, heads and refits by depth, the ladder wide and narrow, one a tap of a cnn
    expect(text.indexOf("Over training")).toBeLessThan(text.indexOf("Numbers and controls"));
    expect(await page.locator(".late").count()).toBe(0); // on paper, too, nothing is still to come
    expect(faults).toEqual([]);
    await close();
  });

  test("costs at most 150 kB, and its pictures, fetched when the first is near, 85 kB more", async () => {
    const { page, faults, close } = await visit(browser, { viewport: { width: 360, height: 740 } });
    const weights = weigh(page);
    await page.goto(`${stage.url}/entries/${entry}/`);
    await page.waitForSelector("article.entry");
    await page.waitForLoadState("networkidle");
    const before = await weights();
    const listed = (sizes: Map<string, number>) => JSON.stringify([...sizes], null, 1);
    expect(sum(before), listed(before)).toBeLessThanOrEqual(150_000);
    expect(sum(before)).toBeGreaterThan(60_000); // else something was not weighed
    expect(await page.locator(".late").count()).toBe(3);
    await page.locator("#charts").scrollIntoViewIfNeeded();
    await expect.poll(() => page.locator(".late").count()).toBe(0);
    const after = await weights();
    for (const address of before.keys()) after.delete(address);
    expect(sum(after), listed(after)).toBeLessThanOrEqual(85_000);
    expect(sum(after)).toBeGreaterThan(40_000);
    expect(faults).toEqual([]);
    await close();
  });

  test("is cited from its top, by a copy of its words or of its BibTeX with the page's address", async () => {
    const { page, faults, close } = await open();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const copied = async (name: string) => {
      await page.getByRole("button", { name }).click();
      await page.getByRole("status").getByText("Copied.").waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    };
    const address = `${stage.url}/entries/${entry}/`;
    const { protocol } = (await (await fetch(`${stage.url}/v1/entries/${entry}`)).json()) as {
      protocol: { id: string };
    };
    const words = await copied("Copy as text");
    for (const part of ["Alice: cnn-16 dropout=0.5", address, protocol.id, "arXiv:2411.19640"])
      expect(words).toContain(part);
    const bibtex = await copied("Copy BibTeX");
    expect(bibtex).toContain(`url = {${address}}`);
    expect(bibtex).toContain(`protocol ${protocol.id}`);
    expect(bibtex.match(/^@/gm)).toHaveLength(3); // the entry, and the two papers
    const { y, height } = (await page.locator(".cite").boundingBox())!;
    expect(y + height).toBeLessThan(page.viewportSize()!.height); // nobody has to scroll for it
    expect(await page.locator("link[rel=canonical]").count()).toBe(0); // nobody said where the site stands
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
    });
    await page.getByRole("button", { name: "Copy BibTeX" }).click();
    await page.getByText("The browser did not let this page copy").waitFor();
    expect(await page.locator(".cite pre").isVisible()).toBe(true);
    expect(faults).toEqual([]);
    await close();
  });

  test("gives its signed bytes whole, unfolded or as a file", async () => {
    const { page, close } = await open();
    const whole = await (await fetch(`${stage.url}/v1/entries/${entry}/envelope`)).text();
    const fetched: string[] = [];
    page.on("request", (request) => fetched.push(new URL(request.url()).pathname));
    await page.reload();
    await page.waitForSelector("article.entry");
    const envelope = new RegExp(`^/v1/(entries/${entry}/envelope|log/statements/${entry})$`);
    expect(fetched.filter((path) => envelope.test(path))).toEqual([]); // it holds the runs a second time
    await page.locator("summary", { hasText: "The envelope" }).click();
    const shown = page.locator("[data-envelope] code");
    await expect
      .poll(async () => JSON.parse((await shown.textContent())!) as unknown)
      .toEqual(JSON.parse(whole));
    const file = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download the whole" }).click();
    expect((await file).suggestedFilename()).toBe(`rademark-${entry.slice(0, 12)}.json`);
    await close();
  });

  test("is checked here: signature, counts, seeds, proof and the numbers on the page", async () => {
    const { page, faults, close } = await open();
    expect(await check(page)).toBe("passed");
    expect(await page.locator(".checks .ok .name").allTextContents()).toEqual([
      "signature",
      "schema",
      "counts",
      "challenge",
      "inclusion",
      "consistency",
      "page",
    ]);
    expect(await page.locator(".checks").textContent()).toContain(
      "No checkpoint of this log was seen before",
    );
    expect(faults).toEqual([]);
    const bob = await holder(2);
    await stage.register(bob);
    await page.reload();
    expect(await check(page)).toBe("passed");
    expect(await page.locator(".checks").textContent()).toContain("The log only grew");
    await close();
  });

  /** Serves other bytes than the server's for what one address says of the entry. */
  const tampered = async (page: Page, path: string, change: (text: string) => string) => {
    await page.route(`**/v1/${path}/${entry}`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: change(await response.text()) });
    });
  };

  test("turns red when one bit of the signed bytes is another", async () => {
    const { page, close } = await open();
    await tampered(page, "log/statements", (text) => {
      const { envelope, ...rest } = JSON.parse(text) as StatementDocument;
      const bytes = Buffer.from(envelope.payload, "base64");
      bytes[1000]! ^= 1;
      const changed = { ...envelope, payload: bytes.toString("base64") };
      return JSON.stringify({ ...rest, envelope: changed });
    });
    expect(await check(page)).toBe("failed");
    expect(await failedChecks(page)).toContain("signature");
    await close();
  });

  test.each(["learnedComplexity", "capacity", "selectivity"] as const)(
    "turns red when the server's %s is not what the counts give",
    async (name) => {
      const { page, close } = await open();
      await tampered(page, "entries", (text) => {
        const document = JSON.parse(text) as { summary: Record<typeof name, { mean: number }> };
        document.summary[name].mean += 0.01;
        return JSON.stringify(document);
      });
      expect(await check(page)).toBe("failed");
      expect(await failedChecks(page)).toEqual(["page"]);
      expect(await page.locator(".checks .bad .text").textContent()).toContain(name);
      await close();
    },
  );

  test("turns red when the page shows other numbers than the counts give", async () => {
    const { page, close } = await open();
    await page.locator('[data-number="gap"]').evaluate((cell: HTMLElement) => {
      cell.dataset["mean"] = "0.01";
    });
    expect(await check(page)).toBe("failed");
    expect(await page.locator(".checks .bad .text").textContent()).toContain("gap");
    await close();
  });

  test("turns red when the proof leads elsewhere", async () => {
    const { page, close } = await open();
    await tampered(page, "log/statements", (text) => {
      const { proof, ...rest } = JSON.parse(text) as StatementDocument;
      const hashes = [...proof.hashes].reverse().slice(1);
      return JSON.stringify({ ...rest, proof: { ...proof, hashes } });
    });
    expect(await check(page)).toBe("failed");
    expect(await failedChecks(page)).toContain("inclusion");
    await close();
  });

  test("turns red when the log's history is another than the one seen before", async () => {
    const { page, close } = await open();
    expect(await check(page)).toBe("passed");
    await page.evaluate(() => {
      const seen = JSON.parse(localStorage.getItem("rademark-log-seen")!) as { root: string };
      seen.root = btoa("\0".repeat(32));
      localStorage.setItem("rademark-log-seen", JSON.stringify(seen));
    });
    expect(await check(page)).toBe("failed");
    expect(await failedChecks(page)).toEqual(["consistency"]);
    await close();
  });

  test("is drawn on the page of training, too, when it comes into view there", async () => {
    const { page, faults, close } = await visit(browser);
    await page.goto(`${stage.url}/training/micro-1/`);
    await expect.poll(() => page.locator(`[data-cell="${entry}"] .plot`).count()).toBe(2);
    await page.getByRole("link", { name: "cnn-16 dropout=0.5" }).click();
    await page.waitForSelector("article.entry");
    expect(faults).toEqual([]);
    await close();
  });

  test("says so when there is no such entry, and when the address names none", async () => {
    const { page, close } = await visit(browser, {}, /404/);
    await page.goto(`${stage.url}/entries/?id=${"0".repeat(64)}`);
    await page.getByText("There is no such entry here.").waitFor();
    await page.goto(`${stage.url}/entries/?id=<b>x</b>`);
    await page.getByText("There is no such entry here.").waitFor();
    await close();
  });
});

import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { decode, type DecodedPng } from "fast-png";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refreshBoards } from "../../../db/board/refresh-boards.ts";
import { LogPage } from "../../../record/answers/documents.ts";
import { STATES } from "../../../record/board/standing.ts";
import { logEntryHash } from "../../../record/log/log-proof.ts";
import { AUTHORS_CODE, PAPERS } from "../../../record/papers.ts";
import { protocols } from "../../../record/protocols.ts";
import { publicKeyOf } from "../../../record/signature/ed25519.ts";
import { rademark } from "../../world/command-line.ts";
import { browserPath, faultsInBothThemes, openBrowser, visit } from "../data/visit.ts";
import {
  buildSite,
  REASON,
  REPOSITORY_URL,
  runBuild,
  SITE_URL,
  type BuiltSite,
} from "./built-site.ts";

let site: BuiltSite;
beforeAll(async () => void (site = await buildSite()));
afterAll(() => site.remove());

const page = (path: string) => readFileSync(join(site.folder, path), "utf8");

describe("the site built from a dump alone", () => {
  test("shows the log's own checkpoint and key, the entry and the operator's reason", () => {
    const log = page("log/index.html");
    expect(log).toContain("log.test/1\n");
    expect(log).toContain("log.test/1+");
    expect(log).toContain(REASON);
    expect(log).toContain(`href="/entries/${site.entryId}/"`);
  });

  test("has a page for every protocol, by alias and by id, with the same content", () => {
    for (const name of Object.keys(protocols)) {
      const byName = page(`protocols/${name}/index.html`);
      const id = /<code>([0-9a-f]{64})<\/code>/.exec(byName)![1]!;
      expect(page(`protocols/${id}/index.html`)).toBe(byName);
    }
  });

  test("has a paragraph for every state, at the anchor that its badge leads to", () => {
    const trust = page("trust/index.html");
    for (const state of STATES) expect(trust).toContain(`id="${state}"`);
  });

  test("needs no inline script and no inline style anywhere", () => {
    const pages = globSync("**/*.html", { cwd: site.folder });
    expect(pages.length).toBeGreaterThan(10);
    for (const path of pages) {
      const text = page(path);
      expect(text, path).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/);
      for (const [tag] of text.matchAll(/<script[^>]*>/g)) expect(tag, path).toContain("src=");
    }
  });

  test("has no link of its own pages that leads nowhere", async () => {
    const views = ["boards", "measures", "regularizers", "architectures", "training", "protocols"];
    const pages = [
      ...["findings", "method", "trust", "submit", "log", "compare", "."],
      ...views.map((view) => `${view}/micro-1`),
      ...["boards/cifar10-1", "measures/cifar10-1", `entries/${site.entryId}`],
    ].map((name) => `${name}/index.html`);
    const links = new Set(
      pages.flatMap((path) =>
        Array.from(page(path).matchAll(/href="(\/[^"]*)"/g), ([, href]) =>
          href!.replaceAll("&amp;", "&"),
        ),
      ),
    );
    expect(links.size).toBeGreaterThan(10);
    for (const link of links) {
      const [address, anchor] = link.split("#");
      const answer = await site.fetch(new Request(`http://site.test${address}`));
      expect(answer.status, link).toBe(200);
      if (anchor) expect(await answer.text(), link).toContain(`id="${anchor}"`);
    }
  });
});

describe("a site whose own address is known", () => {
  const head = (path: string) => page(path).split("</head>")[0]!;
  const named = (path: string, pattern: RegExp) => pattern.exec(head(path))?.[1];
  const CANONICAL = /<link rel="canonical" href="([^"]+)">/;
  const PICTURE = /<meta property="og:image" content="([^"]+)">/;

  test("has each page under one address, and a protocol's under its name", () => {
    expect(named("method/index.html", CANONICAL)).toBe(`${SITE_URL}/method/`);
    const id = /<code>([0-9a-f]{64})<\/code>/.exec(page("protocols/micro-1/index.html"))![1]!;
    for (const path of ["micro-1", id])
      expect(named(`protocols/${path}/index.html`, CANONICAL)).toBe(
        `${SITE_URL}/protocols/micro-1/`,
      );
    for (const path of ["404.html", "entries/index.html"])
      expect(named(path, CANONICAL), path).toBeUndefined();
  });

  test("lists every address in its sitemap, each of which answers", () => {
    const addresses = Array.from(
      page("sitemap.xml").matchAll(/<loc>([^<]+)<\/loc>/g),
      ([, each]) => each!,
    );
    expect(addresses).toEqual(
      expect.arrayContaining(
        ["/", "/boards/micro-1/", `/entries/${site.otherId}/`].map((path) => SITE_URL + path),
      ),
    );
    for (const address of addresses) {
      const path = address.slice(SITE_URL.length);
      expect(named(`${path.slice(1)}index.html`, CANONICAL), path).toBe(address);
    }
    expect(page("robots.txt")).toContain(`Sitemap: ${SITE_URL}/sitemap.xml`);
  });

  test("gives every page a picture that is there, and lists those alone that stand under their own address", () => {
    const pages = globSync("**/*.html", { cwd: site.folder });
    for (const path of pages) {
      const picture = named(path, PICTURE)!;
      expect([path, picture.startsWith(`${SITE_URL}/pictures/`)]).toEqual([path, true]);
      expect([path, existsSync(join(site.folder, picture.slice(SITE_URL.length)))]).toEqual([
        path,
        true,
      ]);
    }
    const addresses = pages.map((path) => `${SITE_URL}/${path.replace(/index\.html$/, "")}`);
    const own = addresses.filter((address, i) => named(pages[i]!, CANONICAL) === address);
    const listed = Array.from(page("sitemap.xml").matchAll(/<loc>([^<]+)</g), ([, each]) => each!);
    expect(listed.toSorted()).toEqual(own.toSorted());
  });

  test("has a picture for shared links of itself, of a board and of an entry, with the entry's point in it", () => {
    const paths = ["index.html", "boards/micro-1/index.html", `entries/${site.otherId}/index.html`];
    const pictures = paths.map((path) => named(path, PICTURE)!.slice(SITE_URL.length + 1));
    expect(new Set(pictures).size).toBe(3);
    const bytes = pictures.map((path) => readFileSync(join(site.folder, path)));
    for (const each of bytes) {
      const { width, height } = decode(each);
      expect([width, height]).toEqual([1200, 630]);
    }
    const blue = bytes.map((each) => countOf(decode(each), [0, 0x50, 0xc5]));
    const band = 1200 * 14;
    expect(blue[1]).toBe(band);
    expect(blue[2]! - band).toBeGreaterThan(600); // a disc of 18 pixels, without its rim
  });

  test("leads from every page to its code, to the papers and to their authors' own code", () => {
    for (const path of ["index.html", "trust/index.html", "404.html"]) {
      const foot = page(path).split("<footer")[1]!;
      expect(foot).toContain(`href="${REPOSITORY_URL}"`);
      for (const { href } of PAPERS) expect(foot).toContain(`href="${href}"`);
      expect(foot).toContain(`href="${AUTHORS_CODE}"`);
    }
  });
});

function countOf({ data, channels }: DecodedPng, [red, green, blue]: number[]): number {
  let count = 0;
  for (let i = 0; i < data.length; i += channels)
    if (data[i] === red && data[i + 1] === green && data[i + 2] === blue) count++;
  return count;
}

test.each([
  ["--site-url", "rademark.example", "SITE_URL: rademark.example is no web address"],
  ["--site-url", "https://rademark.example/board", "has more than a host"],
  ["--repository-url", "https://me:secret@git.example/", "REPOSITORY_URL:"],
])("a build refuses %s %s before it draws anything", (option, value, words) => {
  const { status, stderr } = runBuild(option, value, "--out", site.folder);
  expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
});

test("a build that fails says why and leaves the site that was there", () => {
  const missing = runBuild("--from", "no-such-dump.gz", "--out", site.folder);
  expect([missing.status, missing.stderr]).toEqual([
    2,
    expect.stringContaining("cannot be opened"),
  ]);
  const silent = runBuild("--api", "http://127.0.0.1:9", "--out", site.folder);
  expect([silent.status, silent.stdout + silent.stderr]).toEqual([
    1,
    expect.stringContaining("no answer"),
  ]);
  expect(page("log/index.html")).toContain(REASON);
});

test("every file carries the security headers, and only names with a digest are kept for good", async () => {
  const [asset] = globSync("assets/*.css", { cwd: site.folder });
  for (const path of ["/method/", "/theme.js", `/${asset}`, "/nowhere/"]) {
    const { headers } = await site.fetch(new Request(`http://site.test${path}`));
    expect(headers.get("content-security-policy"), path).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    expect(headers.get("content-security-policy"), path).not.toContain("unsafe");
    expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    expect(headers.get("referrer-policy"), path).not.toBeNull();
    expect(headers.get("cache-control")?.includes("immutable") ?? false, path).toBe(
      path.startsWith("/assets/"),
    );
  }
});

const PAGES = [
  "/findings/",
  "/method/",
  "/trust/",
  "/submit/",
  "/log/",
  "/protocols/micro-1/",
  "/docs",
  "/nowhere/",
];
/** Of each list of folded parts the first: the API's page has a hundred, and axe looks at each for a while. */
const OPEN_ONE = `
  for (const each of document.querySelectorAll("details:nth-of-type(n + 2)")) each.remove();
  for (const each of document.querySelectorAll("details")) each.open = true;`;

describe.skipIf(browserPath === null)("the text pages in a real browser", () => {
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
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: browserPath!, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser.close();
    server.close();
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

  test.each(PAGES)(
    "%s: axe finds nothing in either theme, the console is silent, 320 px and a sheet of paper are enough",
    async (path) => {
      const { page, complaints } = await open(path);
      if (path === "/docs") await page.evaluate(OPEN_ONE);
      expect(await faultsInBothThemes(page)).toEqual([]);
      await page.setViewportSize({ width: 320, height: 700 });
      const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      expect(overflow).toBe(0);
      await page.emulateMedia({ media: "print" });
      await page.setViewportSize({ width: 688, height: 1017 }); // A4 between its margins
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(688);
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
    await page.goto(`${origin}/docs`); // of the API, which runs no script of the site
    expect(await paper()).toBe(light);
    await page.emulateMedia({ media: "screen" });
    expect(await paper()).toBe(dark);
    await context.close();
  });

  test("an entry is cited by the address that the site was built for, wherever it is read", async () => {
    const path = `/entries/${site.otherId}/`;
    const { page, complaints } = await open(path, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const copied = async (name: string) => {
      await page.getByRole("button", { name }).click();
      await page.locator("[role=status]", { hasText: "opied" }).first().waitFor();
      return page.evaluate<string>("navigator.clipboard.readText()");
    };
    expect(await copied("Copy as text")).toContain(` ${SITE_URL}${path}.`);
    expect(await copied("Copy BibTeX")).toContain(`url = {${SITE_URL}${path}},`);
    await page.goto(`${origin}/entries/?id=${site.otherId}`, { waitUntil: "networkidle" }); // as of a newer one
    expect(await copied("Copy as text")).toContain(` ${SITE_URL}${path}.`);
    expect(await copied("Copy BibTeX")).toContain(`url = {${SITE_URL}${path}},`);
    const canonical = page.locator("link[rel=canonical]");
    expect(await canonical.getAttribute("href")).toBe(SITE_URL + path);
    const asked = await page.locator("[data-origin]").allTextContents();
    expect([...new Set(asked)]).toEqual([origin]); // commands ask the server that answers here
    await refreshBoards(site.laboratory.db);
    await page.goto(`${origin}/boards/micro-1/`, { waitUntil: "networkidle" });
    expect(await copied("BibTeX")).toContain(`url = {${SITE_URL}${path}},`);
    expect(complaints).toEqual([]);
    await page.close();
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
      "Findings",
      "Trust", // the page one is on is no stop
      "Submit",
      "Log",
      "API",
      "Dark theme",
    ]);
    await page.close();
  });

  test("the method page draws a measurement for either screen, with every word inside of its box", async () => {
    const { page } = await open("/method/");
    for (const width of [1280, 340]) {
      await page.setViewportSize({ width, height: 900 });
      const outside = await page.evaluate(() => {
        return [...document.querySelectorAll(".diagram g")]
          .map((group) => [...group.querySelectorAll("rect, text")])
          .filter((parts) => parts.length === 2 && parts[0]!.getBoundingClientRect().width > 0)
          .map((parts) => parts.map((part) => part.getBoundingClientRect()))
          .map(([box, text]) => [text!.left - box!.left, box!.right - text!.right]);
      });
      expect(outside).toHaveLength(11);
      expect(Math.min(...outside.flat())).toBeGreaterThan(0);
    }
    await page.close();
  });

  test("commands name the address that the page was read from", async () => {
    const { page } = await open("/submit/");
    expect(await page.locator("pre").nth(2).textContent()).toContain(`--api ${origin}`);
    expect(await page.locator("pre").first().textContent()).toContain(
      `git clone ${REPOSITORY_URL} rademark`,
    );
    const example = await page.locator("pre", { hasText: "rademark/network" }).textContent();
    const guide = readFileSync(new URL("../../../docs/your-network.md", import.meta.url), "utf8");
    expect(guide.replaceAll(/^ {4}/gm, "")).toContain(
      `Save this as \`my-net.ts\`, anywhere:\n\n${example}\n`,
    );
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

  test("the log's checkpoint is whole on a telephone, and a button copies it", async () => {
    const context = await browser.newContext({
      viewport: { width: 360, height: 700 },
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    await page.goto(`${origin}/log/`, { waitUntil: "networkidle" });
    const cut = await page.evaluate(
      "[...document.querySelectorAll('pre')].filter((p) => p.scrollWidth > p.clientWidth).length",
    );
    expect(cut).toBe(0);
    const button = page.getByRole("button", { name: "Copy the checkpoint" });
    await button.click();
    await page.getByRole("status").getByText("Copied.").waitFor({ state: "attached" });
    const copied = await page.evaluate("navigator.clipboard.readText()");
    expect(copied).toBe(await page.locator("#checkpoint-text").textContent());
    await context.close();
  });

  test("while the server is down the log says so and keeps what it was built with", async () => {
    isDown = true;
    const { page } = await open("/log/");
    await page.locator("#log-offline").waitFor();
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

describe.skipIf(browserPath === null)("a site built from a dump, on a host of files alone", () => {
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
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    server.close();
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

  test("the log leads to a challenge's statement, which lies beside the pages", async () => {
    const { page, faults, close } = await open(NOT_HERE);
    await page.goto(`${origin}/log/`);
    const link = page.getByRole("link", { name: "a challenge was issued" }).first();
    const path = (await link.getAttribute("href"))!;
    const { envelope } = JSON.parse(readFileSync(join(site.folder, path), "utf8")) as {
      envelope: { payloadType: string };
    };
    expect(envelope.payloadType).toContain("commitment");
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

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { protocolId, protocols } from "../../../record/protocols.ts";
import { builtShell } from "./shell.ts";
import { holder, openStage, type Stage } from "./stage.ts";
import { accessibilityFaults, browserPath, openBrowser, visit } from "./visit.ts";

const plain = { known: 0.44, train: 0.98, test: 0.4 };
/** Of the drawing that a wide screen shows. */
const POINTS = ".chart > .wide .plot a";
const MLP = { arch: "mlp-512", regs: "none" };

describe.skipIf(browserPath === null)("a board in a browser", () => {
  let stage: Stage;
  let browser: Browser;
  let first: string;

  beforeAll(async () => {
    browser = await openBrowser();
    stage = await openStage(await builtShell());
    const [alice, bob] = [await holder(1), await holder(2)];
    await stage.register(alice, "Alice");
    await stage.register(bob);
    first = await stage.enter(alice, MLP, plain);
    await stage.enter(
      bob,
      { arch: "mlp-512", regs: "dropout=0.5" },
      { known: 0.05, train: 0.5, test: 0.42 },
    );
    await stage.enter(
      alice,
      { arch: "cnn-16", regs: "none" },
      { known: 0.2, train: 0.9, test: 0.5 },
      false,
    );
    const wrong = await stage.enter(
      bob,
      { arch: "cnn-16", regs: "aug" },
      { known: 0.1, train: 0.7, test: 0.5 },
    );
    const reason = "A wrong learning rate.";
    await stage.submit(
      "/v1/retractions",
      "retraction",
      { key: bob.key, statement: wrong, reason },
      bob,
    );
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const open = async (path = "/boards/micro-1/", expected?: RegExp) => {
    const visitor = await visit(
      browser,
      { permissions: ["clipboard-read", "clipboard-write"] },
      expected,
    );
    await visitor.page.goto(stage.url + path);
    await visitor.page.waitForSelector("table.board tbody tr");
    return visitor;
  };
  const archsOf = (page: Awaited<ReturnType<typeof open>>["page"]) =>
    page.locator("table.board tbody th").allTextContents();

  test("shows what its tests allow to be said, the map and the table, without an error or a broken policy", async () => {
    const { page, faults, close } = await open();
    await expect
      .poll(() => page.locator(".said .lead").textContent())
      .toMatch(
        /^dropout=0.5 on mlp-512 lowers its learned complexity by 3\d\.\d points \(to \d\.\d %\)/,
      );
    await expect.poll(() => page.locator(POINTS).count()).toBe(3);
    expect(await page.locator("table.board tbody tr").count()).toBe(3);
    expect(faults).toEqual([]);
    await close();
  });

  test("sorts by a heading, turns round by the same, and the address restores it", async () => {
    const { page, close } = await open();
    await page.getByRole("button", { name: "Gap (points)" }).click();
    await page.getByRole("button", { name: "Gap (points)" }).click();
    expect(page.url()).toContain("?sort=gap&order=descending");
    expect(await page.locator("th[aria-sort=descending]").textContent()).toContain("Gap");
    const order = await archsOf(page);
    await page.reload();
    await page.waitForSelector("table.board tbody tr");
    expect(await archsOf(page)).toEqual(order);
    const places = page.locator('table.board tbody [data-title="Places"]');
    await expect.poll(() => places.allTextContents()).toEqual(["3", "2", "1"]);
    await close();
  });

  test("is found by an address from when it stood on the first page, and the way back skips that", async () => {
    const { page, faults, close } = await visit(browser);
    await page.goto(`${stage.url}/method/`);
    await page.goto(`${stage.url}/?arch=mlp-512&order=descending`);
    await page.waitForURL(/\/boards\/micro-1\/\?arch=mlp-512&order=descending$/);
    await expect.poll(() => page.locator(".count").textContent()).toBe("2 of 3 entries");
    await page.goBack();
    await page.waitForURL("**/method/");
    expect(faults).toEqual([]);
    await close();
  });

  test("lets its map's horizontal axis be chosen by keyboard, and finds it again by address and on the way back", async () => {
    const { page, faults, close } = await open();
    await expect.poll(() => page.locator(POINTS).count()).toBe(3);
    const group = page.getByRole("group", { name: "Horizontal axis" });
    const axis = (name: string) => group.getByRole("radio", { name });
    const map = (title: string) =>
      page.getByRole("group", { name: `Scatter plot of ${title} against generalization gap` });
    expect(await axis("Learned complexity").isChecked()).toBe(true);
    expect(await accessibilityFaults(page)).toEqual([]);
    await axis("Learned complexity").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await map("equivalent width").first().waitFor();
    expect(page.url()).toMatch(/\?axis=equivalentWidth$/);
    expect(await axis("Equivalent width").evaluate((box) => box === document.activeElement)).toBe(
      true,
    );
    expect(await page.locator("[data-live]").textContent()).toContain("equivalent width");
    const headings = page.locator("table.board thead th");
    expect(await headings.allTextContents()).toContain("Equivalent width (features)");
    await page.locator("table.board tbody th a").first().click();
    await page.waitForURL(/entries/);
    await page.goBack();
    await map("equivalent width").first().waitFor();
    expect(await axis("Equivalent width").isChecked()).toBe(true);
    await axis("Capacity").check();
    await map("capacity").first().waitFor();
    await page.reload();
    await map("capacity").first().waitFor();
    expect(page.url()).toMatch(/\?axis=capacity$/);
    await axis("Learned complexity").check();
    await map("learned complexity").first().waitFor();
    expect(page.url()).toMatch(/\/boards\/micro-1\/$/);
    expect(await headings.allTextContents()).not.toContain("Equivalent width (features)");
    expect(faults).toEqual([]);
    await close();
  });

  test("shows its map in powers and by the share of the null, and the address keeps both", async () => {
    const { page, faults, close } = await open();
    await expect.poll(() => page.locator(POINTS).count()).toBe(3);
    const group = page.getByRole("group", { name: "Horizontal axis" });
    await group.getByRole("radio", { name: "Share of the null" }).check();
    await group.getByRole("checkbox", { name: "Log scale" }).check();
    const isLog = () =>
      page
        .locator(".map > .wide .plot")
        .evaluate((map) => (JSON.parse(map.dataset["scale"]!) as { isLog: boolean }).isLog);
    await expect.poll(isLog).toBe(true);
    expect(page.url()).toMatch(/\?axis=nullShare&scale=log$/);
    await page.reload();
    await expect.poll(isLog).toBe(true);
    const label = page.locator(".map > .wide .plot text", { hasText: "Share of the null (%)" });
    expect(await label.count()).toBe(1);
    expect(await page.locator("table.board thead th").allTextContents()).toContain(
      "Share of the null (%) · control",
    );
    expect(faults).toEqual([]);
    await close();
  });

  test("takes one stop of the Tab key for its map, and arrow keys lead from point to point", async () => {
    const { page, close } = await open();
    await expect.poll(() => page.locator(POINTS).count()).toBe(3);
    expect(await page.locator(`${POINTS}[tabindex="0"]`).count()).toBe(1);
    await page.locator(`${POINTS}[tabindex="0"]`).focus();
    const focused = () => page.evaluate(() => document.activeElement!.getAttribute("href"));
    for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowLeft");
    const seen = [await focused()];
    for (let i = 0; i < 2; i++) {
      await page.keyboard.press("ArrowRight");
      seen.push(await focused());
    }
    expect(new Set(seen).size).toBe(3);
    await page.keyboard.press("ArrowRight"); // there is none farther right
    expect(await focused()).toBe(seen[2]);
    await expect.poll(() => page.locator(".tip").textContent()).toMatch(/^mlp-512, none\n/);
    expect(await page.locator(`${POINTS}[tabindex="0"]`).getAttribute("href")).toBe(seen[2]);
    await page.keyboard.press("Enter");
    await page.locator(".card .title", { hasText: "mlp-512 none" }).waitFor();
    expect(await page.locator(".map > .wide .ring").count()).toBe(1);
    expect(await focused()).toBe(seen[2]);
    await close();
  });

  test("leads to its search box at the tenth stop from the top, and at the second by the skip to the content", async () => {
    const { page, close } = await open();
    const box = page.locator("#search:enabled");
    await box.waitFor();
    const stopsToIt = async () => {
      const isThere = () => page.evaluate(() => document.activeElement!.id === "search");
      for (let stops = 0; stops < 20; stops++) {
        if (await isThere()) return stops;
        await page.keyboard.press("Tab");
      }
      return Infinity;
    };
    expect(await stopsToIt()).toBeLessThanOrEqual(10);
    await page.goto(`${stage.url}/boards/micro-1/?sort=gap`);
    await box.waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await stopsToIt()).toBe(1);
    await page.keyboard.type("mlp");
    await expect.poll(() => page.locator(".count").textContent()).toBe("2 of 3 entries");
    await close();
  });

  test("has map, legend and first rows on a laptop's screen, and the whole table in its width", async () => {
    const visitor = await visit(browser, { viewport: { width: 1280, height: 800 } });
    const { page } = visitor;
    await page.goto(`${stage.url}/boards/micro-1/`, { waitUntil: "networkidle" });
    await expect.poll(() => page.locator(POINTS).count()).toBe(3);
    for (const place of [".map > .wide .plot", ".legend", "table.board tbody tr >> nth=1"]) {
      const box = (await page.locator(place).boundingBox())!;
      expect([place, box.y + box.height < 800]).toEqual([place, true]);
    }
    const hidden = await page
      .locator(".board-scroll")
      .evaluate((region) => region.scrollWidth - region.clientWidth);
    expect(hidden).toBe(0);
    await visitor.close();
  });

  test("shows rows as cards on a telephone: configuration, state and numbers without scrolling sideways", async () => {
    const visitor = await visit(browser, { viewport: { width: 360, height: 740 } });
    const { page } = visitor;
    await page.goto(`${stage.url}/boards/micro-1/`, { waitUntil: "networkidle" });
    const card = page.locator("table.board tbody tr", { hasText: "dropout=0.5" });
    for (const text of ["mlp-512 dropout=0.5", "challenged", /^5\.\d ± /]) {
      const box = (await card.getByText(text).first().boundingBox())!;
      expect([text, box.x >= 0 && box.x + box.width <= 360]).toEqual([text, true]);
    }
    await page.getByRole("button", { name: "Gap (points)" }).click();
    expect(page.url()).toContain("sort=gap");
    // It stays a table to those who hear it.
    const heard = await page.locator(".board-scroll").ariaSnapshot();
    expect(heard).toMatch(/rowheader "mlp-512 dropout=0\.5"/);
    expect(heard).toMatch(/cell "challenged( \d notes?)?"/);
    expect(await accessibilityFaults(page)).toEqual([]);
    await visitor.close();
  });

  test("is heard as what it is: filters, map and table by name, each row by its configuration", async () => {
    const { page, close } = await open();
    await expect.poll(() => page.locator(POINTS).count()).toBe(3);
    const heard = await page.locator("main").ariaSnapshot();
    for (const part of [
      /- heading "micro-1" \[level=1\]/,
      /- search "Search the table and the map"/,
      /- form "Filter the table and the map"/,
      /- searchbox "Words that rows must have"/,
      /- group "Horizontal axis"/,
      /- group "Scatter plot of learned complexity against generalization gap"/,
      /- link "mlp-512, none learned complexity 44\.\d/,
      /- heading "Entries" \[level=2\]/,
      /- columnheader "Configuration"/,
      /- row(header)? "mlp-512 none"/,
    ])
      expect(heard).toMatch(part);
    await close();
  });

  test("filters by words and by families; map, count and address follow", async () => {
    const { page, close } = await open();
    await page.getByRole("searchbox").fill("mlp");
    await expect.poll(() => page.locator(".count").textContent()).toBe("2 of 3 entries");
    await expect.poll(() => page.locator(POINTS).count()).toBe(2);
    await page.locator("summary", { hasText: "Regularizers" }).click();
    await page.getByLabel("dropout", { exact: true }).check();
    await expect.poll(() => page.locator("table.board tbody tr").count()).toBe(1);
    expect(page.url()).toContain("?q=mlp&family=dropout");
    await page.reload();
    await expect.poll(() => page.locator(".count").textContent()).toBe("1 of 3 entries");
    await page.getByRole("button", { name: "Reset" }).click();
    await expect.poll(() => page.locator(".count").textContent()).toBe("3 entries");
    await close();
  });

  test("counts retracted rows and shows them on one click", async () => {
    const { page, close } = await open();
    expect(await page.locator(".hidden-rows").textContent()).toContain(
      "1 row is hidden: 1 retracted.",
    );
    await page.getByRole("button", { name: "Show it" }).click();
    await expect.poll(() => page.locator("table.board tbody tr").count()).toBe(4);
    expect(await page.locator("tr.void .state").textContent()).toBe("retracted");
    expect(page.url()).toContain("hidden=1");
    expect(await page.locator("[data-live]").textContent()).toBe("");
    await close();
  });

  test("leaves out a column that is not wanted", async () => {
    const { page, close } = await open();
    await page.locator("summary", { hasText: "Columns" }).click();
    await page.getByLabel("Seeds", { exact: true }).uncheck();
    await page.getByLabel("Null: counts (%)").check();
    const titles = await page.locator("table.board thead th").allTextContents();
    expect(titles).not.toContain("Seeds");
    expect(titles).toContain("Null: counts (%) · control");
    await close();
  });

  test("selects a point by click and by keyboard, in the map, the table and the address", async () => {
    const { page, close } = await open();
    const point = page.locator(`${POINTS}[href="#e-${first.slice(0, 16)}"]`);
    await point.waitFor();
    await point.click();
    expect(await page.locator(".card .title").textContent()).toBe("mlp-512 none");
    expect(await page.locator("tr.selected").getAttribute("data-entry")).toBe(first);
    expect(page.url()).toContain(`entry=${first}`);
    await point.focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("tr.selected").count()).toBe(0);
    await close();
  });

  test("explains a number to the pointer and, by arrow keys, to the keyboard", async () => {
    const { page, close } = await open();
    await page.locator("table.board tbody td", { hasText: "44." }).first().hover();
    await expect
      .poll(() => page.locator(".tip").textContent())
      .toMatch(/95 % t-interval over 8 seeds/);
    await page.locator(".board-scroll").focus();
    await page.keyboard.press("ArrowDown");
    for (let i = 0; i < 6; i++) await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.locator(".tip").textContent()).toMatch(/^Test accuracy \d/);
    expect(await page.locator(".tip").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    expect(await page.locator(".tip").isVisible()).toBe(false);
    await close();
  });

  test("takes two entries into the tray and leads to their comparison", async () => {
    const { page, close } = await open();
    await page.getByLabel("Compare mlp-512 none").check();
    expect(await page.locator(".tray").textContent()).toContain("Choose another one");
    await page.getByLabel("Compare mlp-512 dropout=0.5").check();
    await page.getByRole("link", { name: "Compare these 2" }).click();
    await page.waitForSelector(".compare h1");
    expect(await page.locator(".compare .said li").first().textContent()).toMatch(
      /^The learned complexity of A is \d+\.\d points higher than that of B \(p/,
    );
    await close();
  });

  test("copies the view as Markdown, LaTeX, BibTeX and CSV", async () => {
    const { page, close } = await open("/boards/micro-1/?q=dropout");
    const copied = async (name: string) => {
      await page.getByRole("button", { name }).click();
      await expect.poll(() => page.locator(".toast").textContent()).toBe("Copied 1 row.");
      return page.evaluate(() => navigator.clipboard.readText());
    };
    expect((await copied("Markdown")).split("\n")).toHaveLength(4);
    expect(await copied("LaTeX")).toContain("\\begin{tabular}");
    expect(await copied("BibTeX")).toContain("@misc{rademark-");
    expect(await copied("CSV")).toMatch(/^entry,key,name,/);
    await close();
  });

  test("keeps the focus where it is when a row is selected and when a new one arrives", async () => {
    const { page, close } = await open();
    const focused = () =>
      page.evaluate(() => {
        const { activeElement: at } = document;
        const row = at?.closest("tr")?.id;
        return `${row ?? at?.closest(".chart")?.tagName} ${at?.localName} ${at?.textContent}`;
      });
    await page.locator(".board-scroll").focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowRight"]) await page.keyboard.press(key);
    const cell = await focused();
    expect(cell).toMatch(/^e-[0-9a-f]{16} t[dh] /);
    await page.keyboard.press("Enter");
    await page.locator("tr.selected").waitFor();
    expect(await focused()).toBe(cell);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe(cell);
    const places = [
      page.locator(`tr[data-entry="${first}"] th a`),
      page.locator(`tr[data-entry="${first}"] a.state`),
      page.locator(`${POINTS}[href="#e-${first.slice(0, 16)}"]`),
      page.locator(".said summary"),
      page.getByRole("button", { name: "LaTeX" }),
    ];
    const enter = async (arch: string, regs: string, known: number) =>
      stage.enter(await holder(1), { arch, regs }, { ...plain, known }, arch === "mlp-512");
    await enter("mlp-512", "ls=0.1", 0.35);
    await page.locator(".said summary").click(); // there is a second sentence now
    for (const [i, place] of places.entries()) {
      await place.focus();
      const before = await focused();
      const drawn = await page.locator("table.board").elementHandle();
      const regs = `wd=0.00${i + 1}`;
      await enter("vit-ti-4", regs, 0.5 + i / 20);
      await page.locator("tr.new th", { hasText: regs }).waitFor();
      await expect.poll(() => page.locator(POINTS).count()).toBe(5 + i);
      expect(await drawn.evaluate((table) => table.isConnected)).toBe(true); // only what differs is new
      expect(await focused()).toBe(before);
      expect(await page.locator(".said details").getAttribute("open")).toBe("");
    }
    await close();
  }, 60_000);

  test("shows an entry that is accepted while it is open, and says so", async () => {
    const { page, faults, close } = await open();
    const known = await page.locator("table.board tbody tr").count();
    await expect.poll(() => page.locator(POINTS).count()).toBe(known);
    const carol = await holder(3);
    await stage.register(carol);
    const id = await stage.enter(
      carol,
      { arch: "mlp-512", regs: "wd=0.005" },
      { ...plain, known: 0.3 },
    );
    // Two seconds is what bench:site measures.
    await page.waitForSelector(`tr[data-entry="${id}"]`);
    expect(await page.locator("[data-live]").textContent()).toMatch(
      /^New on the board: mlp-512 wd=0.005, learned complexity 30\.\d/,
    );
    await expect.poll(() => page.locator(POINTS).count()).toBe(known + 1);
    expect(faults).toEqual([]);
    await close();
  });

  test("keeps what it shows while the server is away, says so, and goes on when it is back", async () => {
    const refused = /Failed to load resource/;
    const { page, close } = await open("/boards/micro-1/", refused);
    await page.context().setOffline(true);
    await page.waitForSelector(".notice.offline");
    expect(await page.locator("table.board tbody tr").count()).toBeGreaterThan(2);
    await page.context().setOffline(false);
    await expect.poll(() => page.locator(".notice.offline").count()).toBe(0);
    await close();
  });

  test("tells of an empty board how the first entry gets there", async () => {
    const { page, faults, close } = await visit(browser);
    await page.goto(`${stage.url}/boards/cifar10-1/`);
    await page.getByText("Nobody has submitted a result to cifar10-1 yet.").waitFor();
    expect(await page.locator("table.board").isVisible()).toBe(false);
    const protocol = protocolId(protocols["cifar10-1"]!);
    for (const regs of ["none", "recipe"])
      await stage.challenge(await holder(1), { arch: "wrn-16-4", regs, protocol });
    await page.getByText("2 in training for cifar10-1, and none listed yet.").waitFor();
    expect(await page.locator(".notice").textContent()).toMatch(
      /wrn-16-4 recipe \(since 20\d\d-\d\d-\d\d \d\d:\d\d UTC\), wrn-16-4 none/,
    );
    expect(faults).toEqual([]);
    await close();
  });
});

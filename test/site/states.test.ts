import { rmSync } from "node:fs";
import { decode } from "fast-png";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Receipt } from "../../record/log/log-proof.ts";
import type { Result } from "../../record/statement/statements.ts";
import { aWholeDivergedRun } from "../world/runs.ts";
import { aChallenge, aLevelledResult } from "../world/statements.ts";
import { buildSite, builtShell } from "./data/shell.ts";
import { openStage, type Stage, type Holder, holder } from "./data/stage.ts";
import { browserPath, openBrowser, visit } from "./data/visit.ts";

const BOARD = "/boards/micro-1/";

describe.skipIf(browserPath === null)("what is hard to show, in a browser", () => {
  let site: string | undefined;
  let stage: Stage;
  let browser: Browser;
  let entries: HardBoard;

  beforeAll(async () => {
    stage = await openStage(await builtShell());
    browser = await openBrowser();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
    if (site !== undefined) rmSync(site, { recursive: true, force: true });
  });

  const open = (options = {}) => visit(browser, options);

  test("a board that nobody has submitted to says how the first result gets there, and no more", async () => {
    const { page, faults, close } = await open();
    for (const path of [BOARD, "/regularizers/micro-1/", "/measures/micro-1/"]) {
      await page.goto(stage.url + path, { waitUntil: "networkidle" });
      expect([path, await page.locator(".notice").count()]).toEqual([path, 1]);
      // what is drawn from the reference runs is no entry of the board
      const own = ".plot:not(.explanation .plot), table.board tr:visible";
      expect(await page.locator(own).count()).toBe(0);
    }
    await page.goto(stage.url + BOARD);
    await page.getByText("Nobody has submitted a result to micro-1 yet.").waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  test("pages built without a server show what it has by now", async () => {
    entries = await fillHardBoard(stage);
    const { page, faults, close } = await open();
    await page.goto(stage.url + BOARD);
    await expect.poll(() => page.locator("table.board tbody tr").count()).toBe(10);
    const newer = page.locator("table.board tbody th a").first();
    const address = (await newer.getAttribute("href"))!;
    const answer = await page.request.get(stage.url + address); // as a preview reads it, without a script
    expect([answer.status(), /<title>([^<]*)</.exec(await answer.text())?.[1]]).toEqual([
      200,
      expect.stringContaining(" on micro-1 · Rademark"),
    ]);
    await page.goto(`${stage.url}/entries/${entries.disputed}`);
    await page.getByRole("heading", { name: "cnn-16 none" }).first().waitFor();
    expect(page.url()).toBe(`${stage.url}/entries/${entries.disputed}`);
    expect(faults).toEqual([]);
    await close();
  });

  test("pages of charts that were built empty say that the server does not answer", async () => {
    const { page, close } = await open();
    await page.route("**/v1/**", (route) => route.abort());
    for (const kind of ["regularizers", "architectures", "measures"]) {
      await page.goto(`${stage.url}/${kind}/micro-1/`);
      await page.getByText("The server does not answer.").waitFor();
      expect([kind, await page.locator(".notice").count()]).toEqual([kind, 1]);
    }
    await close();
  });

  describe("built from its entries", () => {
    beforeAll(async () => {
      site = await buildSite(stage.url);
      await stage.move(site);
    }, 60_000);

    const paths = () => [
      "/",
      BOARD,
      `${BOARD}?hidden=1&entry=${entries.long}&compare=${entries.long},${entries.hostile}`,
      ...Object.values(entries).map((id) => `/entries/${id}/`),
      `/entries/?id=${entries.hostile}`,
      `/compare/?entries=${entries.long},${entries.hebrew},${entries.hostile},${entries.diverged}`,
      "/regularizers/micro-1/",
      "/architectures/micro-1/",
      "/measures/micro-1/",
      "/log/",
    ];

    test("every page has the policy's header, breaks it nowhere, and fits into 320 pixels", async () => {
      const { page, faults, close } = await open({ viewport: { width: 320, height: 640 } });
      const dialogs: string[] = [];
      page.on("dialog", (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      for (const path of paths()) {
        const answer = await page.goto(stage.url + path, { waitUntil: "networkidle" });
        const policy = answer!.headers()["content-security-policy"];
        expect(policy).toMatch(/default-src 'none'; script-src 'self'; style-src 'self';/);
        expect(policy).not.toContain("unsafe");
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect([path, width]).toEqual([path, 320]);
        const strange = page.locator(
          "main :is(script:not([src]), img:not([src^='data:']), b, i, [onmouseover])",
        );
        expect([path, await strange.count()]).toEqual([path, 0]);
      }
      expect([faults, dialogs]).toEqual([[], []]);
      await close();
    });

    test("names, reasons and machines that look like markup are text", async () => {
      const { page, close } = await open();
      await page.goto(`${stage.url}/entries/${entries.hostile}/`);
      const names = page.getByText(NAMES.hostile, { exact: true }); // as its signer, and as who took challenges
      expect(await names.count()).toBe(2);
      expect(await page.locator(".facts").textContent()).toContain(HOSTILE);
      await page.goto(`${stage.url}/entries/${entries.retracted}/`);
      expect(await page.locator(".standing bdi").textContent()).toBe(HOSTILE);
      await page.goto(`${stage.url}/log/`, { waitUntil: "networkidle" });
      expect(await page.locator("bdi.reason", { hasText: HOSTILE }).count()).toBe(2);
      await close();
    });

    test("an entry says who withdrew it or how many disagree, each in its own words", async () => {
      const { page, close } = await open();
      await page.goto(`${stage.url}/entries/${entries.retracted}/`);
      expect(await page.locator(".standing").textContent()).toContain(
        `Its submitter has withdrawn it. Reason given: ${HOSTILE}`,
      );
      await page.goto(`${stage.url}/entries/${entries.disputed}/`);
      expect(await page.locator(".standing").textContent()).toContain(
        "by 1 other key, of which 1 disagrees.",
      );
      expect(await page.locator(".timeline .disagree").count()).toBe(1);
      await page.goto(`${stage.url}/entries/${entries.hostile}/`);
      expect(await page.locator("#notes").textContent()).toContain(`The operator: ${HOSTILE}`);
      await page.goto(`${stage.url}/entries/${entries.unchallenged}/`);
      await page.getByText("Nobody has asked for a challenge of this configuration").waitFor();
      await close();
    });

    test("commands name the server that the page was read from", async () => {
      const { page, close } = await open();
      const id = entries.long;
      for (const path of [`/entries/${id}/`, `/entries/?id=${id}`]) {
        await page.goto(stage.url + path, { waitUntil: "networkidle" });
        for (const command of ["repro", "verify"])
          await page.getByText(`rademark -- ${command} ${id} --api ${stage.url}`).waitFor();
      }
      await close();
    });

    test("the column that stays while the others scroll keeps its heading and its edges", async () => {
      const { page, close } = await open();
      await page.goto(stage.url + BOARD, { waitUntil: "networkidle" });
      await page.locator(".board-scroll").evaluate((region) => {
        region.scrollIntoView({ behavior: "instant" });
        region.scrollLeft = 200;
      });
      const cell = (await page.locator(".board tbody th").first().boundingBox())!;
      const heading = (await page.locator(".board thead .configuration").boundingBox())!;
      expect(heading.x).toBe(cell.x);
      const [right, bottom] = [cell.x + cell.width, cell.y + cell.height].map(Math.floor);
      const darkest = async (x: number, y: number) => {
        const clip = { x: x - 3, y: y - 3, width: 6, height: 6 };
        return Math.min(...decode(await page.screenshot({ clip })).data);
      };
      expect(await darkest(right!, bottom! - 8)).toBeLessThan(225);
      expect(await darkest(right! - 20, bottom!)).toBeLessThan(225);
      await close();
    });

    test("on paper a board is its map and its table, without an empty sheet", async () => {
      const { page, close } = await open();
      await page.goto(`${stage.url}${BOARD}?q=aug`, { waitUntil: "networkidle" });
      const paper = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
      expect(paper.match(/\/Type\s*\/Page\b/g)).toHaveLength(2);
      await close();
    });

    test("a comparison says which letter is which entry before it uses one", async () => {
      const { page, close } = await open();
      await page.goto(`${stage.url}/compare/?entries=${entries.hebrew},${entries.arabic}`);
      const text = (await page.locator("article.compare").textContent())!;
      const [first, used] = [text.indexOf("A mlp-512 dropout=0.5"), text.indexOf("of A ")];
      expect(first).toBeGreaterThan(0);
      expect(used).toBeGreaterThan(first);
      await close();
    });

    test("what was withdrawn, decided or measured again leads from the log to its entry", async () => {
      const { page, close } = await open();
      await page.goto(`${stage.url}/log/`, { waitUntil: "networkidle" });
      const led = (words: string) =>
        page
          .getByRole("link", { name: words })
          .evaluateAll((links) =>
            links.map((link) => /[0-9a-f]{64}/.exec(link.getAttribute("href")!)![0]),
          );
      expect(await led("a statement was withdrawn")).toEqual([entries.retracted]);
      expect(await led("the operator quarantined an entry")).toEqual([entries.quarantined]);
      expect(await led("a reproduction was accepted")).toEqual([
        entries.reproduced,
        entries.disputed,
      ]);
      await close();
    });

    test("a name from right to left leaves digits and digests around it where they were", async () => {
      const { page, close } = await open();
      for (const id of [entries.arabic, entries.hebrew]) {
        await page.goto(`${stage.url}/entries/${id}/`);
        const signer = page.locator(".facts div", { hasText: "Signed by" });
        const name = await signer.locator("bdi").boundingBox();
        const digest = await signer.locator("code").boundingBox();
        expect(digest!.x).toBeGreaterThanOrEqual(name!.x + name!.width);
      }
      await close();
    });

    test("the longest regularizers take a few lines, and the numbers stay in sight", async () => {
      const { page, close } = await open();
      await page.goto(stage.url + BOARD, { waitUntil: "networkidle" });
      const cell = page.locator("th .regs", { hasText: LONG_REGS });
      const { width, height } = (await cell.boundingBox())!;
      expect(width).toBeLessThan(300);
      expect(height).toBeLessThan(150);
      const gap = await page.locator("td.number").nth(4).boundingBox();
      expect(gap!.x + gap!.width).toBeLessThan(1280);
      await close();
    });

    test("a diverged run has no number, and says why", async () => {
      const { page, close } = await open();
      await page.goto(`${stage.url}/entries/${entries.diverged}/`);
      expect(await page.locator('[data-number="learnedComplexity"]').textContent()).toBe("–");
      expect(await page.locator("article").textContent()).toContain("1 of 5 diverged");
      await close();
    });

    test("while the API is down the board stays, and says that nobody answers", async () => {
      const { page, close } = await open();
      await page.route("**/v1/**", (route) => route.abort());
      await page.goto(stage.url + BOARD);
      await page.getByText("The server does not answer.").waitFor();
      expect(await page.locator("table.board tbody tr").count()).toBe(10);
      await page.getByRole("searchbox").fill("aug");
      await expect.poll(() => page.locator(".count").textContent()).toContain("of 10 entries");
      await page.unroute("**/v1/**");
      await expect.poll(() => page.locator(".notice.offline").count()).toBe(0);
      await close();
    });

    test("an entry that nobody knows is not there, and the page says so", async () => {
      const { page, close } = await open();
      await page.goto(`${stage.url}/entries/${"0".repeat(64)}/`);
      await page.getByText("There is no such entry here.").waitFor();
      await close();
    });
  });
});

/** Each as long as names may be, or made of what breaks pages. */
const NAMES = {
  wide: "W".repeat(60),
  arabic: "مختبر الشبكات العصبية 2024 (القسم 3)",
  hebrew: 'המעבדה לרשתות נוירונים "א" 12:30',
  chinese: "複雑性測定研究所".repeat(8).slice(0, 60),
  hostile: `x" onmouseover="alert(1)' style='x';--{{7*7}}\${8*8}`,
};

/** The longest that fits into 200 characters: every regularizer, with every digit that a number has. */
const LONG_REGS =
  "wd=0.0012345678901234567,dropout=0.12345678901234566,ls=0.12345678901234566,aug,cutout=8," +
  "mixup=1.1234567890123457,cutmix=1.1234567890123457,sam=0.12345678901234566,rl=1234.123456789:confusion@1";

const HOSTILE = `</script><script>alert("reason")</script><img src=x onerror=alert(2)> & <b>bold</b>`;
const HEBREW_REASON = "הוסר: המכונה שהוצהרה (2 ליבות) אינה קיימת!";

type HardBoard = Awaited<ReturnType<typeof fillHardBoard>>;

/** @returns ids of its entries. */
async function fillHardBoard(stage: Stage) {
  const names = Object.entries(NAMES);
  const keys = await Promise.all(names.map((_, i) => holder(10 + i)));
  const [wide, arabic, hebrew, chinese, hostile] = keys as [Holder, Holder, Holder, Holder, Holder];
  for (const [i, key] of keys.entries()) await stage.register(key, names[i]![1]);
  const enter = (who: Holder, arch: string, regs: string, known: number, fresh = true) =>
    stage.enter(who, { arch, regs }, { known, train: 0.5 + known / 2, test: 0.4 }, fresh);
  const entries = {
    long: await enter(wide, "mlp-16384", LONG_REGS, 0.4),
    arabic: await enter(arabic, "vit-ti-4", "none", 0.7),
    hebrew: await enter(hebrew, "mlp-512", "dropout=0.5", 0.2),
    chinese: await enter(chinese, "mlp-512", "none", 0.5),
    hostile: await strange(stage, hostile),
    unchallenged: await enter(wide, "cnn-16", "aug", 0.1, false),
    diverged: await diverged(stage, arabic),
    disputed: await enter(hebrew, "cnn-16", "none", 0.3),
    reproduced: await enter(chinese, "cnn-16", "ls=0.1", 0.25),
    retracted: await enter(hostile, "cnn-16", "wd=0.01", 0.6),
    quarantined: await enter(hostile, "cnn-16", "mixup=0.2", 0.9),
    superseded: await enter(chinese, "mlp-64", "none", 0.35),
  };
  await reproduce(stage, entries.disputed, wide, 0.88, "disagree");
  await reproduce(stage, entries.reproduced, hebrew, 0.25, "agree"); // whatever the fresh seeds
  await replace(stage, entries.superseded, chinese);
  const retraction = { key: hostile.key, statement: entries.retracted, reason: HOSTILE };
  await stage.submit("/v1/retractions", "retraction", retraction, hostile);
  await moderate(stage, "quarantine", entries.quarantined, HEBREW_REASON);
  await moderate(stage, "note", entries.hostile, HOSTILE);
  await stage.until("/v1/boards/micro-1", (board) => {
    const { hidden } = board as { hidden: Record<string, number> };
    return Object.values(hidden).every((number) => number === 1);
  });
  await stage.untilMeasured();
  return entries;
}

/** On a machine whose names are markup, as long as they may be. */
async function strange(stage: Stage, who: Holder): Promise<string> {
  const configuration = { arch: "wrn-40-32", regs: "noise=0.2" };
  const issued = await stage.challenge(who, configuration);
  const result = aLevelledResult(issued, { known: 0.45, train: 0.9, test: 0.3 });
  const cpu = HOSTILE.padEnd(200, " <i>");
  return send(stage, who, { ...result, machine: { ...result.machine, cpu, gpus: [HOSTILE] } });
}

async function diverged(stage: Stage, who: Holder): Promise<string> {
  const configuration = { arch: "cnn-16", regs: "sam=10" };
  const result = aLevelledResult(aChallenge({ key: who.key, ...configuration }), {
    ...{ known: 0.3, train: 0.6, test: 0.4 },
  });
  const panel = result.panel.map((run, i) => {
    const { protocol, arch, regs, seed } = run;
    return i === 0 ? aWholeDivergedRun({ protocol, arch, regs, seed }) : run;
  });
  return send(stage, who, { ...result, panel, challenge: null, fresh: [] });
}

async function replace(stage: Stage, supersedes: string, who: Holder): Promise<void> {
  const issued = await stage.challenge(who, { arch: "mlp-64", regs: "none" });
  const result = aLevelledResult(issued, { known: 0.42, train: 0.72, test: 0.39 });
  await send(stage, who, { ...result, supersedes });
}

async function send(stage: Stage, who: Holder, result: Result): Promise<string> {
  return (await stage.submit<"result", Receipt>("/v1/results", "result", result, who)).id;
}

async function reproduce(
  stage: Stage,
  entry: string,
  who: Holder,
  known: number,
  verdict: "agree" | "disagree",
): Promise<void> {
  const { row } = (await (await fetch(`${stage.url}/v1/entries/${entry}`)).json()) as {
    row: { arch: string; regs: string };
  };
  const { arch, regs } = row;
  const issued = await stage.challenge(who, { arch, regs, reproduces: entry });
  const levels = { known, train: 0.5 + known / 2, test: 0.4 };
  const { supersedes: _, ...measured } = aLevelledResult(issued, levels);
  const statement = { ...measured, entry, verdict };
  await stage.submit("/v1/reproductions", "reproduction", statement, who);
}

async function moderate(
  { submit, operator }: Stage,
  action: "quarantine" | "note",
  subject: string,
  reason: string,
): Promise<void> {
  const at = new Date().toISOString();
  const statement = { key: operator.key, action, subject, reason, at };
  await submit("/v1/moderations", "moderation", statement, operator);
}

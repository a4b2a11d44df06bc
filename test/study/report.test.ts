import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync, chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseHTML } from "linkedom";
import { expect, test, afterEach } from "vitest";
import {
  arrowsRows,
  complexityGapRows,
  depthRows,
  learningCurvesRows,
} from "../../harness/study/chart-rows.ts";
import { onlineComplexity } from "../../harness/study/configurations-table.ts";
import { writeReport, openInBrowser } from "../../harness/study/report.ts";
import { readStudy } from "../../harness/study/trained.ts";
import type { Run } from "../../record/run.ts";
import { rademark } from "../world/command-line.ts";
import {
  ENVIRONMENT,
  aFolder,
  writeJson,
  writeRunFolder,
  writeSweepFolder,
} from "../world/run-folders.ts";
import { micro, aDivergedRun, aGrid, aLearnedRun } from "../world/runs.ts";
import { browserPath, openBrowser } from "../site/data/visit.ts";

const runs = (count: number) =>
  Array.from({ length: count }, (_, i) => aLearnedRun("mlp-256", "none", i + 1, 0.9));

async function report(folder: string) {
  const html = readFileSync(await writeReport(folder), "utf8");
  const page = parseHTML(html).document;
  return { html, page, shown: page.querySelector("main")!.outerHTML };
}

const rowsOf = (page: Document, caption: string) => {
  const tables = Array.from(page.querySelectorAll("table"));
  const table = tables.find((each) => each.querySelector("caption")?.textContent === caption);
  return Array.from(table!.querySelectorAll("tbody tr"), (row) =>
    Array.from(row.querySelectorAll("th, td"), (cell) => cell.textContent),
  );
};

test("a sweep of eight configurations and eight seeds is one small file, drawn quickly", async () => {
  const folder = writeSweepFolder(aFolder(), aGrid(8));
  const begin = process.cpuUsage(); // others may use the processor, too
  const path = await writeReport(folder);
  const { user, system } = process.cpuUsage(begin); // in microseconds
  expect(user + system).toBeLessThan(3e6);
  expect(statSync(path).size).toBeLessThan(1_500_000);
  const { page } = await report(folder);
  const names = rowsOf(page, "Means of each configuration").map(([name]) => name);
  expect(names).toHaveLength(8);
  expect(names).toContain("cnn-8 rl=10");
  expect(rowsOf(page, "Raw counts of every run")).toHaveLength(64);
  expect(page.querySelectorAll("details.configuration")).toHaveLength(8);
  expect(page.querySelectorAll("main > figure, .first figure")).toHaveLength(5);
  expect(page.querySelectorAll("details.configuration figure")).toHaveLength(8);
});

test.skipIf(browserPath === null)(
  "on paper a table with many columns lies across a sheet of its own, and no cell is cut",
  async () => {
    const path = await writeReport(writeSweepFolder(aFolder(), aGrid(2)));
    const browser = await openBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1000, height: 700 } }); // A4 across, between its margins
      await page.goto(`file://${path}`);
      await page.emulateMedia({ media: "print" });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(1000);
      const sheets = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
      const sizes = sheets.matchAll(/\/MediaBox \[0 0 (\d+)\S* (\d+)/g);
      const isAcross = Array.from(sizes, ([, width, height]) => Number(width) > Number(height));
      expect(new Set(isAcross)).toEqual(new Set([false, true]));
    } finally {
      await browser.close();
    }
  },
);

test("the page needs nothing but itself: no address, no style or script but those it has a digest of", async () => {
  const { html, page } = await report(writeSweepFolder(aFolder(), aGrid(2)));
  const external = html.replaceAll("http://www.w3.org/", "").match(/(https?:|src=|url\(|@import)/g);
  expect(external).toBeNull();
  expect(page.querySelectorAll("[style]")).toHaveLength(0);
  const policy = page.querySelector("meta[http-equiv]")!.getAttribute("content")!;
  for (const [tag, name] of [
    ["style", "style-src"],
    ["script", "script-src"],
  ] as const) {
    const content = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(html)![1]!;
    const digest = createHash("sha256").update(content).digest("base64");
    expect(policy).toContain(`${name} 'sha256-${digest}'`);
  }
});

test("every number is what the counts say", async () => {
  const folder = writeRunFolder(aFolder(), runs(2));
  const [[, seed, status, epochs, train, testCorrect, gap]] = rowsOf(
    (await report(folder)).page,
    "Raw counts of every run",
  ) as [string[]];
  const { final } = runs(1)[0]!;
  expect([seed, status, epochs]).toEqual(["1", "completed", "30"]);
  expect(train).toBe(`${final!.trainCorrect.toLocaleString("en-US")} / 2,500`);
  expect(testCorrect).toBe(`${final!.testCorrect.toLocaleString("en-US")} / 10,000`);
  const expected = 100 * (final!.trainCorrect / 2500 - final!.testCorrect / 10_000);
  expect(gap).toBe(expected.toFixed(2));
});

test("a point of the map leads to a row of the table, and the row to its details", async () => {
  const { page } = await report(writeSweepFolder(aFolder(), aGrid(2)));
  const links = Array.from(page.querySelectorAll(".wide svg a"), (a) => a.getAttribute("href"));
  expect(links).toHaveLength(8);
  for (const href of links) {
    const target = page.querySelector(href!);
    expect(page.querySelector(target!.getAttribute("href")!)?.localName).toBe("details");
  }
});

test("a single seed has means without intervals", async () => {
  const { page } = await report(writeRunFolder(aFolder(), runs(1)));
  const [cells] = rowsOf(page, "Means of each configuration");
  expect(cells!.join(" ")).not.toContain("±");
  expect(page.querySelectorAll(".wide svg a")).toHaveLength(1);
});

test("a folder without a finished run says so and how to go on", async () => {
  const folder = writeRunFolder(aFolder(), []);
  const { shown, page } = await report(folder);
  expect(page.querySelector(".notices")!.textContent).toContain("rademark resume");
  expect(page.querySelectorAll("figure")).toHaveLength(0);
  expect(shown).not.toMatch(/NaN|undefined/);
});

test("a diverged run voids the means, and is said so", async () => {
  const diverged = aDivergedRun({ arch: "mlp-256", regs: "none", seed: 3 });
  const { shown, page } = await report(writeRunFolder(aFolder(), [...runs(2), diverged]));
  expect(page.querySelector(".notices")!.textContent).toContain("mlp-256 none: 1 of 3 diverged");
  expect(page.querySelector(".first figure")).toBeNull();
  expect(rowsOf(page, "Raw counts of every run")[2]).toContain("diverged");
  expect(shown).not.toMatch(/NaN|undefined/);
});

test("a configuration of which every run diverged has a report, too", async () => {
  const diverged = aDivergedRun({ arch: "mlp-256", regs: "none", seed: 1 });
  const before = { ...diverged, epochs: [] };
  for (const run of [diverged, before])
    expect((await report(writeRunFolder(aFolder(), [run]))).shown).not.toMatch(/NaN|undefined/);
});

test("an unfinished folder shows what there is, and which seeds are missing how much", async () => {
  const folder = writeRunFolder(aFolder(), runs(2), { seeds: [1, 2, 3, 4] });
  const begun = join(folder, "seeds", "3");
  writeRunFolder(begun, []); // only to make the folder
  writeFileSync(join(begun, "metrics.jsonl"), '{"epoch":1}\n{"epoch":2}\n');
  const { page } = await report(folder);
  const said = page.querySelector(".notices")!.textContent;
  expect(said).toContain("2 runs still to train");
  expect(said).toContain("seed 3 (2 of 30 epochs), seed 4 (not begun)");
  expect(rowsOf(page, "Raw counts of every run").map((row) => row[2])).toEqual([
    "completed",
    "completed",
    "unfinished",
    "unfinished",
  ]);
});

test("a shortened run is stamped as not to be submitted", async () => {
  const short = runs(2).map((run) => ({ ...run, epochs: run.epochs.slice(0, 3) }));
  const { page } = await report(writeRunFolder(aFolder(), short, { limit: 3 }));
  expect(page.querySelector(".notices")!.textContent).toContain("cut off after 3 epochs");
});

test("what was not the same for all of them is said, and how many epochs of the protocol's were trained", async () => {
  const root = aFolder();
  const [first, second] = aGrid(2).map((runs) =>
    runs.map((run) => ({ ...run, epochs: run.epochs.slice(0, 3) })),
  );
  writeSweepFolder(root, [first!, second!]);
  for (const [runs, threads] of [
    [first!, 1],
    [second!, 2],
  ] as const)
    writeRunFolder(`${root}/${runs[0]!.arch}+${runs[0]!.regs}`, runs, { threads, limit: 3 });
  const page = readFileSync(await writeReport(root), "utf8");
  expect(page).toContain("Not everything that decides numbers was the same for all of them:");
  expect(page).toContain("threads: 1 (mlp-256 none); 2 (mlp-256 dropout=0.5): ");
  expect(page).toContain(`the first 3 of ${micro.epochs} epochs`);
});

test("a report goes where --out says: a file, a folder that is there, or one named with a slash", async () => {
  const root = aFolder();
  writeRunFolder(join(root, "a"), runs(2));
  mkdirSync(join(root, "there"));
  for (const [out, file] of [
    ["r.html", "r.html"],
    ["there", "there/report.html"],
    ["new/", "new/report.html"],
    ["deep/er/x.htm", "deep/er/x.htm"],
    ["a", "a/report.html"],
  ] as const) {
    const { code, stdout } = await rademark(["report", "a", "--out", out], { cwd: root });
    expect([code, stdout]).toEqual([0, `${join(root, file)}\n`]);
    expect(readFileSync(join(root, file), "utf8")).toMatch(/^<!doctype html>/);
  }
  const { code, stderr } = await rademark(["report", "a", "--out", "a/config.json"], { cwd: root });
  expect([code, stderr]).toEqual([2, expect.stringContaining("is a file of the run itself")]);
  expect(readFileSync(join(root, "a/config.json"), "utf8")).toMatch(/^\{/);
});

test("names from files stay text", async () => {
  const evil = `"><script>alert('1')</script><img src=x onerror=alert(1)>&amp;`;
  const folder = writeRunFolder(join(aFolder(), "<b>bold"), runs(1));
  writeJson(join(folder, "env.json"), { ...ENVIRONMENT, cpu: evil, at: evil, harness: evil });
  const { page } = await report(folder);
  expect(page.querySelectorAll("script")).toHaveLength(1);
  expect(page.querySelectorAll("img, b")).toHaveLength(0);
  expect(page.querySelector("dl")!.textContent).toContain(evil);
  expect(page.querySelector("h1")!.textContent).toContain("<b>bold");
});

test("the times at which it was trained are in order, and of many the first and the last", async () => {
  const hours = [17, 9, 23, 11];
  const trainedAt = async (some: readonly number[]) => {
    const folder = writeSweepFolder(aFolder(), aGrid(1).slice(0, some.length));
    const { folders } = JSON.parse(readFileSync(join(folder, "sweep.json"), "utf8")) as {
      folders: string[];
    };
    for (const [i, hour] of some.entries()) {
      const at = new Date(Date.UTC(2026, 2, 1, hour)).toISOString();
      writeJson(join(folder, folders[i]!, "env.json"), { ...ENVIRONMENT, at });
    }
    return (await report(folder)).page.querySelector("header")!.textContent;
  };
  expect(await trainedAt(hours.slice(0, 2))).toMatch(
    /Trained2026-03-01 09:00 UTC2026-03-01 17:00 UTC/,
  );
  expect(await trainedAt(hours)).toContain(
    "Trained2026-03-01 09:00 UTC to 2026-03-01 23:00 UTCReport",
  );
});

test("without env.json the machine is unknown, and the rest is there", async () => {
  const folder = writeRunFolder(aFolder(), runs(1));
  writeFileSync(join(folder, "env.json"), "null");
  expect((await report(folder)).page.querySelector("dl")!.textContent).toContain(
    "unknown (no env.json)",
  );
});

test("features that do not vary, and more features than samples, are told before their numbers are shown", async () => {
  const [first, second, third] = runs(3) as [Run, Run, Run];
  const flat = { effectiveRank: 0, participationRatio: 0, ridge: [{ l: 0.001, dimension: 0 }] };
  const wide = third.controls!.null.map((each) =>
    each.tap === 1 ? { ...each, width: 2499, counts: 1 } : each,
  );
  const folder = (last: Run) => writeRunFolder(aFolder(), [first, last]);
  const notices = async (last: Run) =>
    (await report(folder(last))).page.querySelector(".notices")?.textContent ?? "";
  expect(await notices({ ...second, controls: { ...second.controls!, spectrum: flat } })).toMatch(
    /say nothing about the features:mlp-256 none: at the last tap all samples .* \(seed 2\)/,
  );
  expect(await notices({ ...third, controls: { ...third.controls!, null: wide } })).toMatch(
    /mlp-256 none: at tap 1 there are no more samples than features/,
  );
  expect(await notices(second)).not.toContain("say nothing about the features");
});

const studyOf = (...groups: Parameters<typeof writeSweepFolder>[1]) =>
  readStudy(writeSweepFolder(aFolder(), groups));

const run = aLearnedRun("mlp-256", "rl=10", 1, 0.8);
/** Places of the last tap's heads at n = 100: draw 0 is suppressed, draw 1 is free. */
const at100 = run.heads!.flatMap(({ tap, n }, i) => (tap === 2 && n === 100 ? [i] : []));
const normalized = (count: number, n: number) => (count / 2500 - 1 / n) / (1 - 1 / n);

test("a learning curve is counted from the batches of each epoch, the suppressed draw apart", () => {
  const study = studyOf([run]);
  const [row] = learningCurvesRows(study);
  expect(row!.train[4]!.mean).toBeCloseTo(run.epochs[4]!.correct / 2500, 12);
  const curve = (kind: string) => row!.labels.find((each) => each.kind === kind)!;
  const [suppressed, free] = at100.map((i) => normalized(run.epochs[29]!.online[i]!, 100));
  expect(curve("suppressed").epochs[29]!.mean).toBeCloseTo(suppressed!, 12);
  expect(curve("headline").epochs[29]!.mean).toBeCloseTo(free!, 12);
  const frozen = row!.labels.find(({ kind }) => kind === "frozen")!;
  const counted = run.epochs[29]!.frozenOnline[1]!; // the draw that rl= leaves alone
  expect(frozen.epochs[29]!.mean).toBeCloseTo(normalized(counted, 100), 12);
  const online = onlineComplexity(study.configurations[0]!.outcome!, 100);
  expect(online!.mean).toBeCloseTo(free!, 12);
});

test("the depth chart shows capacity at the headline n, of the first eight redraws and not of the told labelling", () => {
  const told = run.controls!.refit.map((each) => ({ ...each, told: each.told && 0 }));
  const [row] = depthRows(studyOf([{ ...run, controls: { ...run.controls!, refit: told } }]));
  const counted = told.flatMap(({ n, redraws }) =>
    n === 100 ? [redraws.slice(0, 8).reduce((sum, count) => sum + count, 0) / 8] : [],
  );
  expect(row!.trained[0]!.byTap.map((each) => each!.mean)).toEqual(
    counted.map((value) => expect.closeTo(normalized(value, 100), 12) as number),
  );
  expect(row!.trained[0]!.leverages[0]!.mean).toBeCloseTo((0.45 - 0.01) / 0.99, 12);
  expect(row!.taps).toEqual(["hidden 1", "hidden 2"]);
});

test("arrows start at none; an architecture without it, or with nothing else, has none", () => {
  const [none, dropout] = aGrid(2);
  expect(arrowsRows(studyOf(none!, dropout!)).map(({ others }) => others.length)).toEqual([1]);
  expect(arrowsRows(studyOf(dropout!))).toEqual([]);
  expect(arrowsRows(studyOf(none!))).toEqual([]);
});

test("a configuration with a diverged run keeps its curves but has no place on the map", () => {
  const study = studyOf([run, aDivergedRun({ arch: "mlp-256", regs: "rl=10", seed: 2 })]);
  expect(complexityGapRows(study)[0]).toMatchObject({
    learnedComplexity: null,
    gap: null,
    seeds: 1,
  });
  const [row] = learningCurvesRows(study);
  expect(row).toMatchObject({ completed: 1, diverged: 1 });
  expect(row!.train).toHaveLength(30);
  expect(depthRows(study)).toEqual([]);
});

const path = process.env.PATH;
afterEach(() => {
  process.env.PATH = path;
});

test("where there is no program to open it, the answer is no", () => {
  process.env.PATH = aFolder();
  expect(openInBrowser("/somewhere/report.html")).toBe(false);
});

test("the system's opener gets the path as it is, spaces and all", async () => {
  const folder = aFolder();
  const program = join(folder, process.platform === "darwin" ? "open" : "xdg-open");
  writeFileSync(
    program,
    `#!/bin/sh\nprintf '%s' "$1" > "${folder}/opened.tmp"\nmv "${folder}/opened.tmp" "${folder}/opened"\n`,
  );
  chmodSync(program, 0o755);
  process.env.PATH = `${folder}:${path}`;
  expect(openInBrowser("/some where/$(x).html")).toBe(true);
  for (let tries = 0; tries < 100 && !existsSync(join(folder, "opened")); tries++)
    await setTimeout(50);
  expect(readFileSync(join(folder, "opened"), "utf8")).toBe("/some where/$(x).html");
});

test("every picture can be saved as SVG and CSV, without a network or a script", async () => {
  const { page } = await report(writeSweepFolder(aFolder(), aGrid(2)));
  const figures = Array.from(page.querySelectorAll("figure"));
  const names = figures.flatMap((each) =>
    Array.from(each.querySelectorAll("a[download]"), (link) => link.getAttribute("download")!),
  );
  expect(new Set(names).size).toBe(2 * figures.length);
  expect(names).toEqual(
    expect.arrayContaining(["map.svg", "map.csv", "learning-curves.svg", "heads-8.csv"]),
  );
  for (const link of page.querySelectorAll("a[download]")) {
    expect(link.getAttribute("href")).toMatch(
      /^data:[a-z/+-]+(;charset=utf-8)?;base64,[\w+/=]{99,}$/,
    );
    expect(link.getAttribute("aria-label")).toContain(link.textContent);
  }
});

test("a picture that is missing is named with what it needs, and none that is there", async () => {
  const grid = aGrid(2);
  const said = async (runs: readonly (readonly Run[])[]) =>
    (await report(writeSweepFolder(aFolder(), runs))).page.querySelector("section.faint ul")
      ?.textContent;
  const needs = await said(grid);
  expect(needs).toContain("needs --set evaluateEvery=N");
  expect(needs).toContain("needs two strengths of one regularizer");
  expect(needs).not.toContain("needs none and another");
  const dosed = ["none", "wd=0.01", "wd=0.1"].map((regs) => [
    ...[1, 2].map((seed) => aLearnedRun("mlp-256", regs, seed, 0.5)),
  ]);
  expect(await said(dosed)).not.toContain("two strengths");
  const alone = (await report(writeRunFolder(aFolder(), runs(2)))).page;
  expect(alone.querySelector("section.faint ul")!.textContent).toContain("needs none and another");
  expect(alone.querySelector("details.configuration")!.hasAttribute("open")).toBe(true);
});

test("the configurations are there as LaTeX, escaped, and as the tables that rademark export writes", async () => {
  const folder = writeRunFolder(aFolder(), runs(2));
  const { page } = await report(folder);
  const [tex, configurations, table] = Array.from(
    page.querySelectorAll("details.behind .save a"),
    (link) => Buffer.from(link.getAttribute("href")!.split(",")[1]!, "base64").toString("utf8"),
  );
  const shownText = page.querySelector("textarea.copied")!.textContent;
  expect(tex).toBe(shownText.replaceAll("&amp;", "&")); // linkedom reads no entities there
  expect(tex).toMatch(/\\toprule[^]*gap \(points\)[^]*mlp-256 & none & 2 & 43\.2 \$\\pm\$.*\\\\\n/);
  expect(tex!.split("\n").filter((line) => line.endsWith("\\\\"))).toHaveLength(2);
  const out = join(aFolder(), "tables");
  await rademark(["export", folder, "--csv", out]);
  expect(configurations).toBe(readFileSync(join(out, "configurations.csv"), "utf8"));
  expect(table).toBe(readFileSync(join(out, "runs.csv"), "utf8"));
});

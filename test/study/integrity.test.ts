import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UserError } from "../../harness/errors.ts";
import { reportPage } from "../../harness/study/report-page.ts";
import { readStudy } from "../../harness/study/trained.ts";
import { finishFolder, openFolder } from "../../harness/study/run-folder.ts";
import type { Run } from "../../record/run.ts";
import { micro, aLearnedRun } from "../world/runs.ts";
import { aFolder, writeJson, writeRunFolder } from "../world/run-folders.ts";

const aRunFolder = () =>
  writeRunFolder(
    aFolder(),
    [1, 2].map((seed) => aLearnedRun("mlp-256", "none", seed, 0.9)),
  );

/** A folder as the sweep leaves it: with summary and manifest. */
async function aFinishedFolder(): Promise<string> {
  const folder = aRunFolder();
  await finishFolder(openFolder(folder));
  return folder;
}

function edit(path: string, change: (document: never) => void): void {
  const document = JSON.parse(readFileSync(path, "utf8")) as never;
  change(document);
  writeJson(path, document);
}

const final = (folder: string, seed = 1) => join(folder, "seeds", String(seed), "final.json");

function complaint(folder: string): string {
  try {
    readStudy(folder);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return "no complaint";
}

test("a finished folder is believed", async () => {
  const [trained] = readStudy(await aFinishedFolder()).configurations;
  expect(trained!.notices).toEqual([]);
});

test("a summary that disagrees with the counts is reported, and the counts win", async () => {
  const folder = await aFinishedFolder();
  const before = readStudy(folder).configurations[0]!.outcome!.summary.testAccuracy!.mean;
  edit(join(folder, "summary.json"), (outcome: { summary: { testAccuracy: { mean: number } } }) => {
    outcome.summary.testAccuracy.mean = 0.99;
  });
  const study = readStudy(folder);
  expect(study.configurations[0]!.notices.join()).toContain("summary.testAccuracy.mean");
  expect(study.configurations[0]!.outcome!.summary.testAccuracy!.mean).toBe(before);
  expect(reportPage(study, 0)).toContain("disagrees with the counts");
});

test("a count edited after the end is refused by its digest", async () => {
  const folder = await aFinishedFolder();
  edit(final(folder), (run: Run) => (run.final!.testCorrect += 100));
  expect(complaint(folder)).toMatch(/seeds\/1\/final\.json.*SHA-256.*manifest\.json/s);
});

const damages: [what: string, change: (folder: string) => void, says: RegExp][] = [
  [
    "half a final.json",
    (folder) => writeFileSync(final(folder), readFileSync(final(folder), "utf8").slice(0, 900)),
    /seeds\/1\/final\.json is damaged/,
  ],
  [
    "more correct images than there are",
    (folder) => edit(final(folder), (run: Run) => (run.final!.testCorrect = 10_001)),
    /seeds\/1\/final\.json.*more than 10000 test images correct/s,
  ],
  [
    "a share where a count belongs",
    (folder) => edit(final(folder), (run: Run) => (run.final!.trainCorrect = 0.98)),
    /final\.trainCorrect/,
  ],
  ["a run of another seed", (folder) => cpSync(final(folder, 2), final(folder, 1)), /seed: 2/],
  [
    "a run of another architecture",
    (folder) => writeJson(final(folder), aLearnedRun("mlp-512", "none", 1, 0.9)),
    /arch: mlp-512, but config\.json says mlp-256/,
  ],
  [
    "a run of another protocol",
    (folder) => edit(final(folder), (run: Run) => (run.protocol = "0".repeat(64))),
    /protocol: not the id of micro-1/,
  ],
  [
    "missing epochs",
    (folder) => edit(final(folder), (run: Run) => run.epochs.pop()),
    /epochs: 29 of 30/,
  ],
  [
    "an edited protocol.json",
    (folder) => writeJson(join(folder, "protocol.json"), { ...micro, epochs: 31 }),
    /protocolId is not the id/,
  ],
  [
    "an unknown architecture in config.json",
    (folder) =>
      edit(join(folder, "config.json"), (config: { arch: string }) => (config.arch = "<b>")),
    /config\.json is damaged: <b>: no such architecture/,
  ],
  [
    "an env.json without its fields",
    (folder) => writeJson(join(folder, "env.json"), { cpu: 4 }),
    /env\.json is damaged/,
  ],
];

test.each(damages)("%s is refused, with the file and the rule", (_, change, says) => {
  const folder = aRunFolder();
  expect(complaint(folder)).toBe("no complaint");
  change(folder);
  expect(complaint(folder)).toMatch(says);
});

test("labels that a head never met, but knows, are reported as a leak", () => {
  const folder = aRunFolder();
  edit(final(folder), (run: Run) => (run.heads![4]!.unseen = 2000));
  const [trained] = readStudy(folder).configurations;
  expect(trained!.notices.join()).toMatch(/seed 1.*labels never seen predicted 2000 times of 2500/);
});

test("a path that is no output folder is refused", () => {
  expect(complaint(aFolder())).toContain("not an output folder");
});

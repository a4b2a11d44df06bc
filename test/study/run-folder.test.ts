import { mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync, cpSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { UserError } from "../../harness/errors.ts";
import {
  explainDisk,
  makeFolder,
  readJson,
  writeAtomic,
  writeJsonAtomic,
  writeNewJson,
} from "../../harness/files.ts";
import { reportPage } from "../../harness/study/report-page.ts";
import { finishFolder, openFolder } from "../../harness/study/run-folder.ts";
import { readStudy } from "../../harness/study/trained.ts";
import type { Run } from "../../record/run.ts";
import { micro, aLearnedRun } from "../world/runs.ts";
import { aFolder, writeJson, writeRunFolder } from "../world/run-folders.ts";

const folder = (): string => mkdtempSync(join(tmpdir(), "rademark-files-"));

test("an atomic write leaves the content and nothing else", () => {
  const place = folder();
  writeAtomic(join(place, "a"), new Uint8Array([1, 2, 3]));
  writeAtomic(join(place, "a"), "second");
  expect(readdirSync(place)).toEqual(["a"]);
  expect(readFileSync(join(place, "a"), "utf8")).toBe("second");
});

test("a failed write keeps the old content and no temporary file", () => {
  const place = folder();
  mkdirSync(join(place, "a"));
  expect(() => writeAtomic(join(place, "a"), "x")).toThrow(UserError);
  expect(readdirSync(place)).toEqual(["a"]);
});

test("a write into a folder that is not there is a message", () => {
  const path = join(folder(), "none", "a");
  expect(() => writeAtomic(path, "x")).toThrow(
    `${path} cannot be opened: there is no ${dirname(path)}.`,
  );
  expect(() => writeNewJson(path, {})).toThrow(UserError);
});

test("a new file is for the first who writes it; a second changes nothing", () => {
  const place = folder();
  expect(writeNewJson(join(place, "a"), 1)).toBe(true);
  expect(writeNewJson(join(place, "a"), 2)).toBe(false);
  expect(readJson(join(place, "a"))).toBe(1);
  expect(readdirSync(place)).toEqual(["a"]);
});

test("a folder that cannot be made is a message", () => {
  const place = folder();
  writeFileSync(join(place, "file"), "");
  expect(() => makeFolder(join(place, "file", "a"))).toThrow("a file of that name is in the way");
});

test("folders above are made, and a folder that is there is fine", () => {
  const place = join(folder(), "a", "b");
  makeFolder(place);
  makeFolder(place);
  expect(readdirSync(place)).toEqual([]);
});

test.runIf(process.platform === "linux")("a place where no folder can be is a message", () => {
  expect(() => makeFolder("/proc/rademark/a")).toThrow(
    "/proc/rademark cannot be made: no folder can be made there.",
  );
});

test("a folder in which nobody may write is a message", () => {
  const error = Object.assign(new Error("EACCES"), { code: "EACCES" });
  expect(explainDisk(error, "runs/a")).toMatchObject({
    message:
      "runs/a cannot be used: there is no permission to use it. " +
      "Give yourself the right to it (chmod, chown), or choose another place.",
  });
});

test("a full disk is a message", () => {
  const error = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  expect(explainDisk(error, "runs/a")).toMatchObject({
    message: "runs/a cannot be used: the disk is full. Make room there, or choose another place.",
  });
});

test("a bug's error is not dressed up as the user's mistake", () => {
  const bug = new TypeError("x is undefined");
  expect(explainDisk(bug, "runs/a")).toBe(bug);
});

test("a missing file is null, a damaged one an error with its path", () => {
  const place = folder();
  writeJsonAtomic(join(place, "a.json"), { a: 1 });
  writeFileSync(join(place, "b.json"), '{"a": ');
  expect(readJson(join(place, "a.json"))).toEqual({ a: 1 });
  expect(readJson(join(place, "none.json"))).toBeNull();
  expect(() => readJson(join(place, "b.json"))).toThrow(/b\.json is damaged/);
});

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

test("a summary that lacks what an older version did not write is no disagreement", async () => {
  const folder = await aFinishedFolder();
  edit(join(folder, "summary.json"), (outcome: { params?: number }) => {
    delete outcome.params;
  });
  expect(readStudy(folder).configurations[0]!.notices).toEqual([]);
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
  expect(reportPage(study, { madeAt: 0, pictures: null })).toContain("disagrees with the counts");
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

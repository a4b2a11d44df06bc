import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "fast-png";
import { parseHTML } from "linkedom";
import { beforeAll, expect, test } from "vitest";
import { loadDataset } from "../../harness/data/cached-dataset.ts";
import { savePerSample, saveSampleIndex } from "../../harness/measure/save.ts";
import { knownLabels, spreadOf } from "../../harness/study/known-labels.ts";
import { writeReport } from "../../harness/study/report.ts";
import { readStudy } from "../../harness/study/trained.ts";
import { trainingPictures } from "../../harness/study/training-pictures.ts";
import { headPlaces } from "../../record/head-places.ts";
import { seededRandom } from "../../record/statistics/kendall-tau.ts";
import { aFolder, writeRunFolder } from "../world/run-folders.ts";
import { aLearnedRun, micro } from "../world/runs.ts";

const M = 2500;
const heads = headPlaces(micro, 2);

/** Of the data set's images the first samples are left out. */
const SHIFT = 3;

/** Two runs; image 7 is known to all heads at the last tap and image 9 to none, of the others each head knows those of its own. */
function savedFolder(regs = "none"): string {
  const folder = aFolder();
  const runs = [1, 2].map((seed) => aLearnedRun("mlp-256", regs, seed, 0.5));
  writeRunFolder(folder, runs, { save: ["per-sample"] });
  for (const { seed } of runs) {
    const place = join(folder, "seeds", String(seed));
    const randomLabelCorrect = heads.map((_, h) =>
      Uint8Array.from({ length: M }, (_, i) =>
        i === 7 ? 1 : i === 9 ? 0 : Number((i + 13 * h + 5 * seed) % 2 === 0),
      ),
    );
    saveSampleIndex(
      place,
      Int32Array.from({ length: M }, (_, i) => i + SHIFT),
    );
    savePerSample(place, { classCorrect: new Uint8Array(M).fill(1), heads, randomLabelCorrect });
  }
  return folder;
}

const only = (folder: string) => readStudy(folder).configurations[0]!;

test("heads at the last tap are counted over runs, without the one that rl= acts on", () => {
  const draws = heads.filter(({ tap, n }) => tap === 2 && n === micro.headline).length;
  expect(draws).toBeGreaterThan(1);
  const found = knownLabels(only(savedFolder()))!;
  expect([found.runs, found.heads, found.known[7], found.known[9]]).toEqual([
    2,
    2 * draws,
    2 * draws,
    0,
  ]);
  expect(knownLabels(only(savedFolder("rl=10")))!.heads).toBe(2 * (draws - 1));
});

test("without the files nothing is read; a damaged one is named", () => {
  const folder = savedFolder();
  const bare = writeRunFolder(aFolder(), [aLearnedRun("mlp-256", "none", 1, 0.5)]);
  expect(knownLabels(only(bare))).toBeNull();
  writeFileSync(join(folder, "seeds/2/per-sample.npy"), "x");
  expect(() => knownLabels(only(folder))).toThrow(/seeds\/2\/per-sample\.npy/);
  const short = savedFolder();
  const classCorrect = new Uint8Array(3);
  savePerSample(join(short, "seeds/2"), {
    ...{ classCorrect, heads, randomLabelCorrect: heads.map(() => classCorrect) },
  });
  expect(() => knownLabels(only(short))).toThrow("3 and 2500 rows");
});

test("the spread by hand: two heads that agree, and two that contradict each other", () => {
  const [a, b] = [Uint8Array.of(1, 1, 0, 0), Uint8Array.of(0, 0, 1, 1)];
  // v = 1/4 + 1/4; counts 2 2 0 0 have the variance 1, counts 1 1 1 1 have none
  expect(spreadOf([a, a], Int32Array.of(2, 2, 0, 0))!.ratio).toBe(2);
  expect(spreadOf([a, b], Int32Array.of(1, 1, 1, 1))!.ratio).toBe(0);
  // one pair: 4 (1/16) / 3 / (1/4) = 1/3
  expect(spreadOf([a, b], Int32Array.of(1, 1, 1, 1))!.chance).toBeCloseTo(
    1.96 * Math.sqrt(1 / 3),
    12,
  );
});

test("heads that know every label, or none, leave nothing to compare, and the report says so", async () => {
  const [all, none] = [new Uint8Array(M).fill(1), new Uint8Array(M)];
  expect(spreadOf([all, none], Int32Array.from(all))).toBeNull();
  const folder = savedFolder();
  for (const seed of [1, 2])
    savePerSample(join(folder, "seeds", String(seed)), {
      ...{ classCorrect: all, heads, randomLabelCorrect: heads.map(() => all) },
    });
  const { document } = parseHTML(readFileSync(await writeReport(folder), "utf8"));
  const words = document.querySelector("figure.known")!.textContent;
  expect(words).toContain("Each head knows every label or none, so images cannot differ.");
  expect(words).not.toContain("NaN");
});

test("heads that know samples at random have a spread of 1, as often outside its bounds as they say", () => {
  const random = seededRandom(11);
  const trials = 400;
  let [outside, sum] = [0, 0];
  for (let t = 0; t < trials; t++) {
    const known = new Int32Array(200);
    const sides = [0.2, 0.5, 0.5, 0.8].map((p) =>
      Uint8Array.from(known, () => Number(random() < p)),
    );
    for (const side of sides) for (const [i, one] of side.entries()) known[i]! += one;
    const { ratio, chance } = spreadOf(sides, known)!;
    sum += ratio;
    if (Math.abs(ratio - 1) > chance) outside++;
  }
  expect(sum / trials).toBeCloseTo(1, 1);
  expect(outside / trials).toBeGreaterThan(0.02);
  expect(outside / trials).toBeLessThan(0.09);
});

beforeAll(async () => void (await loadDataset("cifar10")), 600_000);

test("the report shows the images", async () => {
  const folder = savedFolder();
  const { document } = parseHTML(readFileSync(await writeReport(folder), "utf8"));
  const figure = document.querySelector("figure.known")!;
  const [most, fewest] = Array.from(figure.querySelectorAll("ul"), (list) => list.children);
  expect([most!.length, fewest!.length]).toEqual([12, 12]);
  const pictures = await trainingPictures(micro);
  if (typeof pictures === "string") throw new Error(pictures);
  const index = 7 + SHIFT;
  const { name, address } = pictures(index);
  expect(most![0]!.querySelector("img")!.getAttribute("src")).toBe(address);
  expect(most![0]!.textContent).toMatch(new RegExp(`^${name}, (\\d+) of \\1$`));
  expect(fewest![0]!.textContent).toMatch(/, 0 of/);
  const { images } = (await loadDataset("cifar10")).train;
  const { data } = decode(Buffer.from(address.split(",")[1]!, "base64"));
  expect(Array.from(data)).toEqual(Array.from(images.subarray(index * 3072, (index + 1) * 3072)));
});

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resultFromFolder } from "../../harness/listing/submission.ts";
import type { Environment } from "../../harness/study/environment.ts";
import { tablesOf } from "../../harness/study/study-tables.ts";
import { noteEnvironment } from "../../harness/study/run-environments.ts";
import { finishFolder, summarizeFolder } from "../../harness/study/run-folder.ts";
import { conditionsOf, readStudy } from "../../harness/study/trained.ts";
import { ENVIRONMENT, aFolder, aPreparedFolder, trainSeed } from "../world/run-folders.ts";
import { alice } from "../world/statements.ts";
import { micro } from "../world/runs.ts";

const unchallenged = { key: alice.key, challenge: null, supersedes: null };
const elsewhere = { ...ENVIRONMENT, cpu: "Another Processor" };
const updated = { ...ENVIRONMENT, git: { commit: "f".repeat(40), dirty: false } };

/** The panel's runs, of which these seeds are made in another environment. */
async function aMixedFolder(seeds: readonly number[], environment: Environment) {
  const folder = aPreparedFolder(join(aFolder(), "a"));
  noteEnvironment(folder.path, seeds, environment);
  for (const seed of micro.panelSeeds) trainSeed(folder, seed);
  await finishFolder(folder);
  return folder;
}

test("a run notes where it was made if that is not where the folder was begun, and where it went on", () => {
  const { path } = aPreparedFolder(join(aFolder(), "a"));
  const noted = (environment: Environment) => {
    noteEnvironment(path, [1], environment);
    const file = join(path, "seeds/1/env.json");
    return existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as Environment[]).map(({ cpu }) => cpu)
      : null;
  };
  expect(noted(ENVIRONMENT)).toBe(null);
  const later = { at: "2026-12-24T00:00:00.000Z", memoryBytes: 1, cores: 64, node: "v26.0.0" };
  expect(noted({ ...ENVIRONMENT, ...later, os: "linux-x64 7.0" })).toBe(null);
  expect(noted(elsewhere)).toEqual([elsewhere.cpu]);
  // Nothing was trained there, so nothing of it is in the run.
  expect(noted(ENVIRONMENT)).toBe(null);
  mkdirSync(join(path, "seeds/1"), { recursive: true });
  writeFileSync(join(path, "seeds/1/checkpoint.safetensors"), "");
  expect(noted(ENVIRONMENT)).toBe(null);
  expect(noted(elsewhere)).toEqual([ENVIRONMENT.cpu, elsewhere.cpu]);
  expect(noted(elsewhere)).toEqual([ENVIRONMENT.cpu, elsewhere.cpu]);
  expect(noted(ENVIRONMENT)).toEqual([ENVIRONMENT.cpu, elsewhere.cpu, ENVIRONMENT.cpu]);
});

test.each<[string, Partial<Environment>, string]>([
  ["processor", { cpu: "Other" }, `cpu ${ENVIRONMENT.cpu} (seeds 1, 2, 3); Other (seeds 4, 5)`],
  ["harness", { harness: "0.2.1" }, "harness 0.2.0 (seeds 1, 2, 3); 0.2.1 (seeds 4, 5)"],
  ["library", { tensorflow: null }, "tensorflow 2.18.0 (seeds 1, 2, 3); not known (seeds 4, 5)"],
  ["system", { os: "darwin-arm64 25" }, "os linux-x64 (seeds 1, 2, 3); darwin-arm64"],
  [
    "GPU",
    { gpus: [{ name: "H100", driver: "1", memoryMebibytes: 1 }] },
    "gpus none (seeds 1, 2, 3); H100 (seeds 4, 5)",
  ],
  [
    "rounding",
    { numerics: { deterministic: false, precision: "tf32" } },
    "numerics float32 (seeds 1, 2, 3); tf32, not deterministic (seeds 4, 5)",
  ],
])("runs of two environments, by %s, are not signed as one", async (_, changes, words) => {
  const folder = await aMixedFolder([4, 5], { ...ENVIRONMENT, ...changes });
  await expect(resultFromFolder(folder, unchallenged)).rejects.toThrow(words);
  expect(summarizeFolder(folder)!.unsubmittable).toEqual([expect.stringContaining(words)]);
});

test("a run that was finished elsewhere is not signed, though every run was", () => {
  const folder = aPreparedFolder(join(aFolder(), "a"));
  for (const seed of micro.panelSeeds) {
    mkdirSync(join(folder.path, `seeds/${seed}`), { recursive: true });
    writeFileSync(join(folder.path, `seeds/${seed}/checkpoint.safetensors`), "");
  }
  noteEnvironment(folder.path, micro.panelSeeds, elsewhere);
  for (const seed of micro.panelSeeds) trainSeed(folder, seed);
  expect(summarizeFolder(folder)!.unsubmittable).toEqual([
    expect.stringContaining(`cpu ${ENVIRONMENT.cpu}, then ${elsewhere.cpu} (seeds 1, 2, 3, 4, 5)`),
  ]);
});

test("runs that were all made elsewhere are declared as made there", async () => {
  const folder = await aMixedFolder(micro.panelSeeds, elsewhere);
  const { machine } = await resultFromFolder(folder, unchallenged);
  expect(machine.cpu).toBe(elsewhere.cpu);
});

test("runs of two commits are signed, without a commit", async () => {
  const folder = await aMixedFolder([4], updated);
  const { harness } = await resultFromFolder(folder, unchallenged);
  expect(harness).toEqual({ version: "0.2.0", git: null });
  const dirty = { ...ENVIRONMENT, git: { ...ENVIRONMENT.git!, dirty: true } };
  const changed = await aMixedFolder([4], dirty);
  expect((await resultFromFolder(changed, unchallenged)).harness.git).toEqual(dirty.git);
});

test("a note that was removed is missed, so that runs cannot be declared as the others", async () => {
  const folder = await aMixedFolder([4, 5], elsewhere);
  for (const seed of [4, 5]) rmSync(join(folder.path, `seeds/${seed}/env.json`));
  await expect(resultFromFolder(folder, unchallenged)).rejects.toThrow("seeds/4/env.json");
});

test("tables give each run's environment, a configuration's where it is one; reader and comparisons are told", async () => {
  const { path } = await aMixedFolder([4, 5], { ...elsewhere, harness: "0.2.1" });
  const study = readStudy(path);
  const column = (table: "runs" | "configurations", name: string) => {
    const [{ columns, rows } = { columns: [], rows: [] }] = tablesOf(study, [table]);
    return rows.map((row) => row[columns.findIndex((each) => each.name === name)]);
  };
  const { cpu } = ENVIRONMENT;
  expect(column("runs", "cpu")).toEqual([cpu, cpu, cpu, elsewhere.cpu, elsewhere.cpu]);
  expect(column("runs", "harness").slice(2, 4)).toEqual(["0.2.0", "0.2.1"]);
  expect(column("configurations", "cpu")).toEqual([null]);
  expect(column("configurations", "library")).toEqual(["tensorflow 2.18.0"]);
  const [trained] = study.configurations;
  expect(trained!.notices.join("\n")).toContain(`cpu ${cpu} (seeds 1, 2, 3)`);
  expect(conditionsOf(trained!)).toMatchObject({
    processor: `${cpu} and ${elsewhere.cpu}`,
    library: "tensorflow 2.18.0",
    harness: { version: "0.2.0 and 0.2.1", git: ENVIRONMENT.git },
  });
});

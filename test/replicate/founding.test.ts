import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Effects, realEffects } from "../../harness/effects.ts";
import { EXIT } from "../../harness/errors.ts";
import { readReference } from "../../record/replication/reference.ts";
import type { Run } from "../../record/run.ts";
import { assemble } from "../../replicate/assemble.ts";
import { type PlannedCell, seedsUpTo } from "../../replicate/cells.ts";
import { listStep } from "../../replicate/listing.ts";
import { closeFounding, withLog } from "../../replicate/log.ts";
import { progressOf } from "../../replicate/progress.ts";
import { reproduce } from "../../replicate/reproduction.ts";
import type { Sitting } from "../../replicate/sitting.ts";
import type { Step } from "../../replicate/steps.ts";
import { type Store, cellPath, listedPath, storeAt } from "../../replicate/store.ts";
import { isTrained, trainStep } from "../../replicate/training.ts";
import { aPerson } from "../world/command-line.ts";
import { layOutDatabase } from "../world/databases.ts";
import { OFFLINE } from "../world/server.ts";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A machine of somebody whose workers make runs up, but whose log, keys and checks are real. */
async function aFounder() {
  const { cwd } = await aPerson(OFFLINE.RADEMARK_API);
  const printed = { text: "" };
  const effects: Effects = {
    ...{ now: Date.now, terminal: null, cwd, worker: at("../world/whole-worker.ts") },
    out: (text) => void (printed.text += text),
    err: (text) => void (printed.text += text),
    env: { ...process.env, RADEMARK_CACHE: join(cwd, "cache"), DATABASE_URL: "postgres://nowhere" },
    onInterrupt: () => () => undefined,
    onAbandoned: () => () => undefined,
    askSecret: () => Promise.resolve(null),
  };
  const store = storeAt(join(cwd, "cache", "replication"));
  const sitting: Sitting = { store, jobs: 1, quiet: true, again: "", effects };
  return { cwd, sitting, store, printed };
}

const cell = (regs: string, changes: Partial<PlannedCell> = {}): PlannedCell => ({
  ...{ network: "mlp-128", base: "micro-1", settings: [], regs, headInput: "rms" },
  ...{ seeds: seedsUpTo(7), isListed: true, ...changes },
});

const cells = [cell("none"), cell("rl=10"), cell("aug"), cell("wd=0.02")];
const panel: Step = { title: "", kind: "train", cells, seeds: () => seedsUpTo(5) };
const rest: Step = { ...panel, seeds: (each) => each.seeds };
const listing: Step = { ...panel, kind: "list" };
const steps = [panel, listing, rest];

/** Other heads than those of the entry with the same network and regularizers. */
const unlisted = cell("none", { headInput: "raw", isListed: false });

const runIn = (folder: string, seed: number) =>
  JSON.parse(readFileSync(join(folder, "seeds", String(seed), "final.json"), "utf8")) as Run;

test("a founding trains nothing twice, survives a kill, and all that is finished is in the reference", async () => {
  const { cwd, sitting, store, printed } = await aFounder();
  const out = join(cwd, "reference");
  await layOutDatabase(store.server); // the first start of all is that of end-to-end/pglite
  await withLog(sitting, async (log) => {
    const list = (changes: Partial<Sitting> = {}) =>
      listStep(listing, { ...sitting, ...changes }, log);
    expect(await list()).toBe(EXIT.ok);
    expect(printed.text).toContain("mlp-128 none: not listed, as its panel is not whole");
    expect(await trainStep(panel, sitting)).toBe(EXIT.ok);

    // Killed once its challenge was taken, while the panel's runs were taken over.
    const [first] = cells as [PlannedCell];
    const dying = { ...log, effects: { ...log.effects, worker: at("no-such-worker.ts") } };
    const one = { ...listing, cells: [first] };
    expect(await listStep(one, sitting, dying)).toBe(EXIT.runFailed);
    const path = listedPath(store, first);
    const challenge = readFileSync(join(path, "challenge.json"), "utf8");
    rmSync(join(path, "seeds", "3"), { recursive: true });

    expect(await list(), printed.text).toBe(EXIT.ok); // four: more than may be open at once
    expect(readFileSync(join(path, "challenge.json"), "utf8")).toBe(challenge);
    for (const each of cells.slice(1)) expect(freshTrained(store, each)).toHaveLength(3);
    expect(runIn(path, 3)).toEqual(runIn(cellPath(store, first), 3));

    expect(await trainStep(rest, sitting)).toBe(EXIT.ok);
    expect(await list()).toBe(EXIT.ok); // nothing is left to do
    const { reproduced } = await reproduce(4, steps, sitting, log);
    expect(reproduced, printed.text).toBe(4);
    const apart: Step = { ...rest, cells: [unlisted] };
    expect(await trainStep(apart, sitting)).toBe(EXIT.ok);
    const more = [...cells, unlisted, cell("ls=0.1")]; // of the last nothing is there
    const { reference } = await assemble(more, out, store, log);
    expect(await readBoth(out)).toEqual(reference);
  });
  const { runs, reproductions } = await readBoth(out);
  const [raw, rms] = ["raw", "rms"].map((input) =>
    runs.filter(({ headInput }) => headInput === input),
  );
  expect(raw!.map(({ seed, entry }) => [seed, entry])).toEqual(seedsUpTo(7).map((s) => [s, null]));
  for (const each of cells) {
    const own = rms!.filter(({ regs }) => regs === each.regs);
    const shared = own.filter(({ seed }) => seed < 8);
    expect(shared.map(({ seed }) => seed)).toEqual(seedsUpTo(7));
    for (const { seed, run } of shared) expect(run).toEqual(runIn(cellPath(store, each), seed));
    expect(shared.map(({ entry }) => entry !== null)).toEqual(seedsUpTo(7).map((s) => s < 6));
    expect(own.filter(({ entry }) => entry !== null)).toHaveLength(8);
  }
  expect(reproductions).toHaveLength(4);
  const entries = runs.map(({ entry }) => entry);
  for (const { entry } of reproductions) expect(entries).toContain(entry);
  const command = ["replicate/replicate.ts", "--reproduce", "--folder", store.root];
  const again = spawnSync(process.execPath, command, { encoding: "utf8" });
  expect([again.status, again.stdout], again.stderr).toEqual([
    ...[0, "4 entries are reproduced, of 10 that are asked for.\n"],
  ]);
  const progress = progressOf(steps, store).map(({ done, runs, of }) => [done, runs, of]);
  expect(progress).toEqual([
    [4, 20, 20],
    [4, 12, 12],
    [4, 8, 8],
  ]);

  closeFounding(store);
  expect(existsSync(join(store.config, "keys"))).toBe(false);
  expect(readdirSync(store.server)).not.toContain("log-key");
  await expect(withLog(sitting, () => Promise.resolve())).rejects.toThrow("is closed");
});

async function readBoth(folder: string) {
  const [log, runs] = ["log", "runs"].map((name) =>
    gunzipSync(readFileSync(join(folder, `${name}.jsonl.gz`)))
      .toString()
      .split("\n"),
  );
  return readReference({ log: log!, runs: runs! });
}

/** Fresh seeds that were trained in a listed folder, by its log; none of the panel's. */
function freshTrained(store: Store, each: PlannedCell): number[] {
  const log = readFileSync(join(listedPath(store, each), "log.txt"), "utf8");
  const trained = [...log.matchAll(/training seeds ([\d, ]+),/g)].flatMap(([, seeds]) =>
    seeds!.split(", ").map(Number),
  );
  expect(trained.every((seed) => seed > 10)).toBe(true);
  return trained;
}

test("training of a step is real, with the measures, into a folder that is whole", async () => {
  const settings = ["subset.perClass=10", "epochs=2", "batch=20"];
  const tiny = cell("none", { network: "mlp-8", settings, isListed: false, seeds: [1] });
  const step: Step = { title: "", kind: "train", cells: [tiny], seeds: ({ seeds }) => seeds };
  const { sitting } = await aFounder();
  const effects: Effects = { ...sitting.effects, worker: realEffects.worker, env: process.env };
  expect(isTrained(sitting.store, tiny, [1])).toBe(false);
  expect(await trainStep(step, { ...sitting, effects })).toBe(EXIT.ok);
  expect(isTrained(sitting.store, tiny, [1])).toBe(true);
  const run = runIn(cellPath(sitting.store, tiny), 1);
  expect([run.status, run.epochs.length, run.measures?.layers?.length]).toEqual([
    "completed",
    2,
    3,
  ]);
});

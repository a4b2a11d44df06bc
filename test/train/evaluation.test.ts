import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { recordProgram } from "../../harness/engine/recorded-session.ts";
import { ControlMeter } from "../../harness/measure/controls.ts";
import { runSeed } from "../../harness/train/run-seed.ts";
import { runFiles } from "../../harness/train/run-files.ts";
import { residentSamples } from "../../harness/train/samples.ts";
import { Trainer } from "../../harness/train/trainer.ts";
import { canonicalConfiguration, NO_ABLATIONS } from "../../record/configuration.ts";
import { Run } from "../../record/run.ts";
import { tinyProtocol, tinyTrainer } from "./tiny.ts";

const folder = mkdtempSync(join(tmpdir(), "rademark-evaluation-"));
const meter = new ControlMeter();
afterAll(() => {
  meter.close();
  rmSync(folder, { recursive: true });
});

const REGS = "dropout=0.3,noise=0.2";
const protocol = (evaluateEvery: number | null) => {
  const measures = tinyProtocol().measures;
  const refit = { ...measures.refit, largestN: 10, redraws: 1, permutations: 0 };
  return tinyProtocol({ epochs: 4, evaluateEvery, measures: { ...measures, refit } });
};

/** Runs seed 5 until it is done, in a process that stops at each of these questions whether to. */
async function runWith(trainer: Trainer, name: string, stops: readonly number[] = []) {
  const outputFolder = join(folder, name);
  let asked = 0;
  const task = {
    outputFolder,
    configuration: canonicalConfiguration(trainer.plan.protocol, {
      arch: "cnn-4",
      regs: REGS,
      seeds: [5],
      threads: 1,
      engine: "cpu",
      limit: null,
      save: [],
      ablations: NO_ABLATIONS,
    }),
    seed: 5,
    stopping: () => Promise.resolve(stops.includes(++asked)),
    onEpoch: () => undefined,
    onControls: () => undefined,
  };
  const ends = [];
  do ends.push(await runSeed(trainer, meter, task));
  while (ends.at(-1) === "stopped");
  const { final } = runFiles(outputFolder, 5);
  const run = Run.parse(JSON.parse(readFileSync(final, "utf8")));
  return { run: { ...run, timing: null }, ends };
}

test("an evaluation every other epoch leaves the run as it is, and the last one is the final one", async () => {
  const plain = tinyTrainer("cnn-4", REGS, { protocol: protocol(null) });
  const { run: expected } = await runWith(plain, "plain");
  plain.close();
  expect(expected.epochs.map(({ evaluated }) => evaluated)).toEqual([null, null, null, null]);

  const trainer = tinyTrainer("cnn-4", REGS, { protocol: protocol(2) });
  const { run } = await runWith(trainer, "evaluated");
  const silent = run.epochs.map((epoch) => ({ ...epoch, evaluated: null }));
  expect({ ...run, protocol: expected.protocol, epochs: silent }).toEqual(expected);
  const { trainCorrect, testCorrect } = run.final!;
  const last = { trainCorrect, testCorrect };
  const evaluated = run.epochs.map((epoch) => epoch.evaluated);
  expect(evaluated).toEqual([null, evaluated[1], null, last]);
  expect(evaluated[1]).not.toBe(null);

  // Asked four times between an epoch's steps, five times in an evaluation, and once after the epoch: 12 is in the first
  // evaluation, 17 in the same begun anew, 26 between two steps, 36 in the last evaluation.
  const stopped = await runWith(trainer, "stopped", [12, 17, 26, 36]);
  trainer.close();
  const stops = Array.from({ length: 4 }, () => "stopped");
  expect(stopped.ends).toEqual([...stops, "completed"]);
  expect(stopped.run).toEqual(run);
});

const SIDE = 16;

/** 10 classes of 8 grey images each, sorted by class, as bright as their class is high. */
function sortedByClass(): Trainer {
  const own = tinyProtocol();
  const split = {
    images: Uint8Array.from({ length: 80 * SIDE * SIDE * 3 }, (_, i) => {
      return 25 * Math.floor(i / (8 * SIDE * SIDE * 3)) + (i % 3);
    }),
    labels: Uint8Array.from({ length: 80 }, (_, i) => Math.floor(i / 8)),
  };
  const tiny = tinyTrainer("cnn-4", "none");
  tiny.close();
  const sizes = { stepsPerCall: 1, evaluateBatch: 16, streamed: false };
  const samples = residentSamples({ train: split, test: split }, own);
  return new Trainer(tiny.plan, samples, { ...sizes, open: recordProgram });
}

test("BatchNorm is calibrated in a shuffled order of the seed's, never class by class", async () => {
  const trainer = sortedByClass();
  const { statistics } = trainer.built.network.net;
  const variance = () => Array.from(trainer.session.read([statistics[0]!.variance])[0]!);
  const calibrated = async (seed: number) => {
    trainer.start(seed);
    await trainer.calibrate();
    return variance();
  };
  const shuffled = await calibrated(1);
  expect(await calibrated(1)).toEqual(shuffled);
  expect(await calibrated(2)).not.toEqual(shuffled);

  trainer.start(1);
  for (let k = 0; k < 10; k++) {
    const rows = Int32Array.from({ length: 8 }, (_, i) => 8 * k + i);
    trainer.session.run("calibrate", { rows, share: Float32Array.of(1 / (k + 1)) });
  }
  const byClass = variance();
  trainer.close();
  // Within a class these images are all alike, and what varies are only their margins.
  const total = (variances: number[]) => variances.reduce((a, b) => a + b);
  expect(total(shuffled)).toBeGreaterThan(1.5 * total(byClass));
});

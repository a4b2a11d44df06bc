/** @file The further measures of a run that `--measures` asks for (method.md section 5). */

import {
  FLATNESS_SAMPLES,
  type LayerNorms,
  MEASURES_VERSION,
  MOST_LAYERS,
  type RunMeasures,
  SIGMA_RANGE,
} from "../../record/run-measures.ts";
import { nearDuplicatesOf } from "../../record/near-duplicates.ts";
import {
  canaryFit,
  daviesBouldin,
  nearDuplicateFit,
  noisyLabelFit,
  sameClassPairs,
} from "../measure/memorised.ts";
import { frobeniusNorm, spectralNorm } from "../measure/matrix-norms.ts";
import { PURPOSE } from "../../record/random.ts";
import type { Values } from "../engine/tensorflow.ts";
import { type Evaluation, Stopped, type Stopping } from "./evaluation.ts";
import { type FoldedLayer, foldedLayers } from "./folded-network.ts";
import { hasPathNorm } from "./measure-program.ts";
import type { Trainer } from "./trainer.ts";

/** What is measured while the trained network is in the session; the rest waits for the initial one. */
export interface TrainedMeasures {
  measures: Omit<RunMeasures, "layers">;
  /** Weights of each layer; null where they are too many. */
  weights: Float32Array[] | null;
}

/** To be called with the trained network in the session, which stays as it is. @throws Stopped between two batches. */
export async function measureTrained(
  trainer: Trainer,
  evaluation: Evaluation,
  stopping: Stopping,
): Promise<TrainedMeasures> {
  const { plan, trainedClasses: trained, samples, canaries } = trainer;
  const features = evaluation.features.at(-1)!;
  const fit = { predicted: evaluation.predicted.train, trained };
  const { noise } = plan.regularizers;
  return {
    measures: {
      version: MEASURES_VERSION,
      margin: digits(tenthPercentile(margins(trainer, features))),
      pathNorm: pathNorm(trainer),
      flatness: await flatness(trainer, stopping),
      daviesBouldin: digitsOrNull(daviesBouldin(features.values, trained)),
      mixup: await mixupCounts(trainer, stopping),
      noisyLabels: noise > 0 ? noisyLabelFit(fit, samples.trainClasses) : null,
      canaries: canaries && canaryFit(fit, canaries.rows),
      nearDuplicates: nearDuplicates(trainer, evaluation),
    },
    weights: layerWeights(trainer),
  };
}

/**
 * To be called with the initial network in the session, calibrated.
 *
 * @param weights of the trained one.
 * @throws Stopped between two layers.
 */
export async function layerNorms(
  trainer: Trainer,
  weights: readonly Float32Array[],
  stopping: Stopping,
): Promise<LayerNorms[]> {
  const initial = layerWeights(trainer)!;
  const found: LayerNorms[] = [];
  for (const [i, layer] of layersOf(trainer).entries()) {
    if (await stopping()) throw new Stopped();
    found.push(norms(layer, weights[i]!, initial[i]!));
  }
  return found;
}

function norms(layer: FoldedLayer, trained: Float32Array, initial: Float32Array): LayerNorms {
  const moved = trained.map((value, i) => value - initial[i]!);
  return {
    spectral: digits(spectral(layer, trained)),
    frobenius: digits(frobeniusNorm(trained)),
    spectralDistance: digits(spectral(layer, moved)),
    frobeniusDistance: digits(frobeniusNorm(moved)),
  };
}

function spectral({ shape }: FoldedLayer, values: Float32Array): number {
  if (shape !== null) return spectralNorm({ values, rows: shape[0], columns: shape[1] });
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

const layersOf = ({ built, plan }: Trainer) => foldedLayers(built.network.net, plan.architecture);

/** Of the folded network in the session. */
export function layerWeights(trainer: Trainer): Float32Array[] | null {
  const { length } = layersOf(trainer);
  if (length > MOST_LAYERS) return null;
  const made = trainer.session.run("folded-layers");
  return Array.from({ length }, (_, i) => made[String(i)] as Float32Array);
}

/** Numbers are declared, and threads move the last digits of float32. */
const digits = (value: number) => Number(value.toPrecision(7));
const digitsOrNull = (value: number | null) => (value === null ? null : digits(value));

/** Of each training sample, [m]. @param features of the last tap. */
function margins(
  { session, sizes, trainedClasses, plan }: Trainer,
  { values, width }: Evaluation["features"][number],
): Float64Array {
  const { classes } = plan.protocol;
  const batch = sizes.evaluateBatch;
  const found = new Float64Array(trainedClasses.length);
  for (let start = 0; start < found.length; start += batch) {
    const features = new Float32Array(batch * width);
    features.set(values.subarray(start * width, (start + batch) * width));
    const logits = session.run("class-logits", { features })["logits"] as Float32Array;
    for (let row = 0; row < Math.min(batch, found.length - start); row++) {
      const own = logits.subarray(row * classes, (row + 1) * classes);
      found[start + row] = marginOf(own, trainedClasses[start + row]!);
    }
  }
  return found;
}

/** Logit of the label minus the largest other. */
export function marginOf(logits: Float32Array, label: number): number {
  let most = -Infinity;
  for (const [k, logit] of logits.entries()) if (k !== label && logit > most) most = logit;
  return logits[label]! - most;
}

/** Linear between the order statistics around place (m - 1)/10, counted from 0. */
export function tenthPercentile(values: Float64Array): number {
  const sorted = values.slice().sort();
  const place = (sorted.length - 1) / 10;
  const below = Math.floor(place);
  const low = sorted[below]!;
  return low + (place - below) * ((sorted[below + 1] ?? low) - low);
}

/** Of the network in the session. */
export function pathNorm({ session, plan }: Trainer): number | null {
  if (!hasPathNorm(plan)) return null;
  const value = session.run("path-norm")["pathNorm"]![0]!;
  return Number.isFinite(value) ? digits(value) : null;
}

/** Independent draws of the noise on the weights. */
const NOISE_DRAWS = 5;

/** Halvings of the range of log2 sigma. */
const HALVINGS = 8;

/** The largest sigma at which the mean accuracy over the draws falls by at most a tenth. */
async function flatness(trainer: Trainer, stopping: Stopping): Promise<RunMeasures["flatness"]> {
  const m = trainer.trainedClasses.length;
  const samples = Math.min(m, FLATNESS_SAMPLES);
  const rows = Int32Array.from({ length: samples }, (_, k) => Math.floor((k * m) / samples));
  const correct = await noisyCorrect(trainer, rows, { sigma: 0, draw: 0 }, stopping);
  // 10 sum >= draws (10 correct - samples), in whole numbers.
  const least = (NOISE_DRAWS * (10 * correct - samples)) / 10;
  const holdsAt = async (sigma: number) => {
    let sum = 0;
    for (let draw = 0; draw < NOISE_DRAWS; draw++) {
      if (sum >= least || sum + (NOISE_DRAWS - draw) * samples < least) break; // decided
      sum += await noisyCorrect(trainer, rows, { sigma, draw }, stopping);
    }
    return sum >= least;
  };
  let [low, high] = [Math.log2(SIGMA_RANGE.low), Math.log2(SIGMA_RANGE.high)];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (await holdsAt(2 ** middle)) low = middle;
    else high = middle;
  }
  return { sigma: digits(2 ** ((low + high) / 2)), samples, correct };
}

/** How many of these rows are predicted as trained on, with noise on every weight. */
function noisyCorrect(
  trainer: Trainer,
  rows: Int32Array,
  { sigma, draw }: { sigma: number; draw: number },
  stopping: Stopping,
): Promise<number> {
  const key = trainer.keyOf(PURPOSE.flatness, draw);
  return countCorrect(trainer, "classify-noisy", rows, stopping, () => ({
    sigma: Float32Array.of(sigma),
    key,
  }));
}

/** Means of two training samples of one class that are predicted as that class. */
async function mixupCounts(trainer: Trainer, stopping: Stopping): Promise<RunMeasures["mixup"]> {
  const pairs = sameClassPairs(trainer.trainedClasses, trainer.key);
  const rows = Int32Array.from(pairs, ([row]) => row);
  const other = new Map(pairs);
  const more = async (asked: Int32Array) => {
    const others = asked.map((row) => other.get(row)!);
    const { pixels } = await trainer.evaluationPixels("train", others);
    return { others, ...(pixels ? { otherPixels: pixels } : {}) };
  };
  const correct = await countCorrect(trainer, "classify-mixed", rows, stopping, more);
  return { pairs: pairs.length, correct };
}

/** Where a canary sits, that sample is not trained on. */
function nearDuplicates(
  { plan, samples, canaries }: Trainer,
  { predicted }: Evaluation,
): RunMeasures["nearDuplicates"] {
  const pairs = nearDuplicatesOf(plan.protocol.dataset);
  if (pairs === null) return null;
  const taken = new Set(canaries?.rows);
  const trained = new Set(samples.trainIndices.filter((_, row) => !taken.has(row)));
  return nearDuplicateFit(
    { predicted: predicted.test, classes: samples.testClasses },
    pairs,
    trained,
  );
}

/** Runs a function that predicts classes over training samples. @param more inputs for a batch of rows. @throws Stopped */
async function countCorrect(
  trainer: Trainer,
  call: "classify-noisy" | "classify-mixed",
  rows: Int32Array,
  stopping: Stopping,
  more: (rows: Int32Array) => Record<string, Values> | Promise<Record<string, Values>>,
): Promise<number> {
  const batch = trainer.sizes.evaluateBatch;
  let correct = 0;
  for (let start = 0; start < rows.length; start += batch) {
    if (await stopping()) throw new Stopped();
    const count = Math.min(batch, rows.length - start);
    // A last partial batch is filled up with copies of its first sample.
    const asked = Int32Array.from({ length: batch }, (_, i) => rows[start + (i < count ? i : 0)]!);
    const pixels = await trainer.evaluationPixels("train", asked);
    const feeds = { rows: asked, ...pixels, ...(await more(asked)) };
    const predicted = trainer.session.run(call, feeds)["class"]!;
    for (let i = 0; i < count; i++)
      if (predicted[i] === trainer.trainedClasses[asked[i]!]) correct++;
  }
  return correct;
}

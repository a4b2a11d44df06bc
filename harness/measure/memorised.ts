/** @file Measures of what a network made of its training data: how its features cluster, which arbitrary labels it fits (method.md section 5). */

import type { NearDuplicates } from "../../record/near-duplicates.ts";
import { PURPOSE, permutation } from "../../record/random.ts";

/**
 * Davies & Bouldin 1979: mean over the classes of the worst (s_i + s_j) / d_ij, where s is the mean distance of a class's
 * features from their centre and d that between two centres. The lower, the tighter the classes; no unit.
 *
 * @param features [m, D] row-major. @param classes [m]; one that no sample has is left out.
 * @returns null where one class alone is there, or two centres coincide.
 */
export function daviesBouldin(features: Float32Array, classes: Int32Array): number | null {
  const width = features.length / classes.length;
  const clusters = clustersOf(features, classes, width);
  if (clusters.length < 2) return null;
  let sum = 0;
  for (const a of clusters) {
    let worst = 0;
    for (const b of clusters) {
      if (a === b) continue;
      const apart = distance(a.centre, 0, b.centre);
      if (apart === 0) return null;
      worst = Math.max(worst, (a.spread + b.spread) / apart);
    }
    sum += worst;
  }
  return sum / clusters.length;
}

interface Cluster {
  count: number;
  centre: Float64Array;
  /** Mean Euclidean distance from the centre. */
  spread: number;
}

function clustersOf(features: Float32Array, classes: Int32Array, width: number): Cluster[] {
  const clusters = new Map<number, Cluster>();
  for (const [row, name] of classes.entries()) {
    const found = clusters.get(name) ?? { count: 0, centre: new Float64Array(width), spread: 0 };
    clusters.set(name, found);
    found.count += 1;
    for (let d = 0; d < width; d++) found.centre[d]! += features[row * width + d]!;
  }
  for (const { centre, count } of clusters.values())
    for (let d = 0; d < width; d++) centre[d]! /= count;
  for (const [row, name] of classes.entries()) {
    const { centre, count } = clusters.get(name)!;
    clusters.get(name)!.spread += distance(features, row * width, centre) / count;
  }
  return [...clusters.values()];
}

/** Euclidean, of `a` from `offset` on. */
function distance(a: Float32Array | Float64Array, offset: number, b: Float64Array): number {
  let squares = 0;
  for (let d = 0; d < b.length; d++) squares += (a[offset + d]! - b[d]!) ** 2;
  return Math.sqrt(squares);
}

/** Pairs of `same-class mixup`, at most. */
const MOST_PAIRS = 500;

/**
 * Disjoint pairs of training samples of one class: over a shuffled order of the seed's, each sample joins the one of its
 * class that still waits, until there are 500.
 *
 * @param classes [m]. @param key of the seed.
 */
export function sameClassPairs(classes: Int32Array, key: number): [row: number, other: number][] {
  const waiting = new Map<number, number>();
  const pairs: [number, number][] = [];
  for (const row of permutation(classes.length, key, PURPOSE.sameClassMixup)) {
    if (pairs.length === MOST_PAIRS) break;
    const name = classes[row]!;
    const other = waiting.get(name);
    if (other === undefined) waiting.set(name, row);
    else {
      waiting.delete(name);
      pairs.push([other, row]);
    }
  }
  return pairs;
}

/** Predictions of the final network in evaluation mode, and what it was trained on; each [m]. */
interface Fit {
  predicted: Int32Array;
  /** Classes trained on. */
  trained: Int32Array;
}

/** Of the samples whose class label noise has changed: how many are predicted as trained on, how many as they were. */
export function noisyLabelFit({ predicted, trained }: Fit, own: Int32Array) {
  const counts = { changed: 0, fitted: 0, asTrue: 0 };
  for (const [row, label] of trained.entries()) {
    if (label === own[row]) continue;
    counts.changed += 1;
    if (predicted[row] === label) counts.fitted += 1;
    else if (predicted[row] === own[row]) counts.asTrue += 1;
  }
  return counts;
}

/** Of the samples that canaries took the places of: how many are predicted as trained on. */
export function canaryFit({ predicted, trained }: Fit, rows: Int32Array) {
  const fitted = rows.reduce((sum, row) => sum + (predicted[row] === trained[row] ? 1 : 0), 0);
  return { samples: rows.length, fitted };
}

/**
 * Of the test images that have a near-duplicate in the training set: how many have one among the samples trained on, and
 * how many of these, and of the others, are predicted as their class.
 *
 * @param test predictions and classes, in official order. @param trained indices in the full training set.
 */
export function nearDuplicateFit(
  test: { predicted: Int32Array; classes: Int32Array },
  pairs: NearDuplicates,
  trained: ReadonlySet<number>,
) {
  const seen = new Map<number, boolean>();
  for (const [image, twin] of pairs)
    if (image < test.classes.length) seen.set(image, seen.get(image) || trained.has(twin));
  const counts = { trained: { images: 0, correct: 0 }, others: { images: 0, correct: 0 } };
  for (const [image, isTrained] of seen) {
    const hits = isTrained ? counts.trained : counts.others;
    hits.images += 1;
    if (test.predicted[image] === test.classes[image]) hits.correct += 1;
  }
  return counts;
}

/**
 * @file The controls of a run (method.md section 4): refits, the same on the frozen random trunk, null, spectrum.
 *
 * An accuracy on random labels says little alone: width and sample size move it too. The controls say how much of it
 * any cloud of points of this width, or this trunk before training, would reach.
 */

import { type ControlPlace, controlPlaces } from "../../record/head-places.ts";
import method from "../../record/method.json" with { type: "json" };
import type { Protocol } from "../../record/protocols.ts";
import type { Regularizers } from "../../record/regularizers.ts";
import type { Controls, NullRungs } from "../../record/run.ts";
import {
  type Leverage,
  cloudOfSpectrum,
  cloudOfWidth,
  nullAccuracy,
} from "../../record/statistics/null-accuracy.ts";
import { type Diagonals, Ridge, inMemory } from "./ridge.ts";

/** Features of the m training samples at one tap, counted from 1; `values` [m, D] row-major. */
export interface TapFeatures {
  tap: number;
  values: Float32Array;
}

interface ControlRequest {
  /** Number m of samples. */
  samples: number;
  /** After training, in evaluation mode: every tap in order of depth. */
  features: readonly TapFeatures[];
  /** The same for the trunk at initialization. */
  frozen: readonly TapFeatures[];
  /** Random labels of the m samples: draw 0 of the label space n, and redraw k, which no head met. */
  told(n: number): Int32Array;
  redraw(n: number, k: number): Int32Array;
  regularizers: Regularizers;
}

/** Measures representations; keeps its recorded program, which taps, seeds and configurations share. */
export class ControlMeter {
  #ridge: { penalty: number; ridge: Ridge } | null = null;

  /** @throws Error when a feature is not finite: a diverged run has no controls. */
  measure(protocol: Protocol, request: ControlRequest): Controls {
    const { refit: plan, spectrum } = protocol.measures;
    const places = controlPlaces(protocol, request.features.length, request.regularizers);
    const ridge = this.#open(plan.penalty);
    const controls: Omit<Controls, "spectrum"> = { refit: [], frozen: [], null: [] };
    let eigenvalues: Float64Array = new Float64Array(0);
    for (const { tap, values } of request.features) {
      ridge.factorise(inMemory(values, request.samples));
      const here = places.filter((place) => place.tap === tap);
      controls.refit.push(...here.map((place) => refitOf(ridge, request, place)));
      eigenvalues = ridge.eigenvalues();
      const cloud = measuredCloud(ridge, request.samples, eigenvalues, plan.penalty);
      const width = values.length / request.samples;
      for (const { n } of here) controls.null.push({ tap, ...nullRungs(cloud, n, width) });
    }
    for (const { tap, values } of request.frozen) {
      ridge.factorise(inMemory(values, request.samples));
      for (const place of places.filter((place) => place.tap === tap)) {
        const { n } = place;
        const asked = { ...place, redraws: plan.redraws, told: false };
        controls.frozen.push({ tap, n, redraws: refitOf(ridge, request, asked).redraws });
      }
    }
    return { ...controls, spectrum: spectrumOf(eigenvalues, spectrum.penalties) };
  }

  /** Frees what TensorFlow holds. */
  close(): void {
    this.#ridge?.ridge.close();
    this.#ridge = null;
  }

  #open(penalty: number): Ridge {
    if (this.#ridge?.penalty !== penalty) {
      this.close();
      this.#ridge = { penalty, ridge: new Ridge(penalty) };
    }
    return this.#ridge.ridge;
  }
}

/** The counts at one place, of the features that were factorised last. */
function refitOf(
  ridge: Ridge,
  request: ControlRequest,
  { tap, n, redraws, told }: ControlPlace,
): Controls["refit"][number] {
  const fresh = Array.from({ length: redraws }, (_, k) => () => request.redraw(n, k));
  const counts = ridge.correct(n, told ? [() => request.told(n), ...fresh] : fresh);
  return { tap, n, told: told ? counts.shift()! : null, redraws: counts };
}

type Spectrum = Controls["spectrum"];

/**
 * Effective rank (Roy & Vetterli 2007: exp of the entropy of the normalized eigenvalues), participation ratio
 * (sum e)^2 / sum e^2, and ridge effective dimensions. All are 0 when no feature varies.
 *
 * @param eigenvalues in any order; a negative one is rounding, and counts as 0.
 */
export function spectrumOf(eigenvalues: Float64Array, penalties: readonly number[]): Spectrum {
  const positive = eigenvalues.filter((e) => e > 0);
  const sum = positive.reduce((total, e) => total + e, 0);
  const squares = positive.reduce((total, e) => total + e * e, 0);
  const entropy = positive.reduce((total, e) => total - (e / sum) * Math.log(e / sum), 0);
  return {
    effectiveRank: sum > 0 ? Math.exp(entropy) : 0,
    participationRatio: sum > 0 ? (sum * sum) / squares : 0,
    ridge: penalties.map((l) => ({ l, dimension: positive.reduce((d, e) => d + e / (e + l), 0) })),
  };
}

/** Features as the null knows them. */
interface MeasuredCloud {
  /** m. */
  samples: number;
  spectrum: Leverage[];
  leverages: Leverage[];
}

/** Of the features that were factorised last. @param eigenvalues theirs. */
export function measuredCloud(
  ridge: Ridge,
  samples: number,
  eigenvalues: Float64Array,
  penalty: number,
): MeasuredCloud {
  return {
    samples,
    spectrum: cloudOfSpectrum(eigenvalues, penalty, samples),
    leverages: binned(ridge.diagonals()),
  };
}

/** The rungs of the null for labels of a space. @param width D. */
export function nullRungs(
  { samples, spectrum, leverages }: MeasuredCloud,
  n: number,
  width: number,
): Omit<NullRungs, "tap"> {
  const shapeless = cloudOfWidth(Math.min(width, samples - 1), samples);
  return {
    n,
    width,
    counts: nullAccuracy(samples, n, shapeless),
    spectrum: nullAccuracy(samples, n, spectrum),
    leverages: nullAccuracy(samples, n, leverages),
  };
}

const BINS = method.null.bins;

/** Samples in the order of C_ii, in bins as equal in size as can be; a bin stands for its samples by their means. */
export function binned({ own, square }: Diagonals): Leverage[] {
  const samples = own.length;
  const order = Uint32Array.from({ length: samples }, (_, i) => i);
  order.sort((a, b) => own[a]! - own[b]! || a - b);
  const bins = Math.min(BINS, samples);
  const edge = (bin: number) => Math.floor((bin * samples) / bins);
  return Array.from({ length: bins }, (_, bin) => {
    const members = order.subarray(edge(bin), edge(bin + 1));
    const mean = (values: Float64Array) =>
      members.reduce((sum, i) => sum + values[i]!, 0) / members.length;
    return { share: members.length / samples, own: mean(own), square: mean(square) };
  });
}

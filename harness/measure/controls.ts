/**
 * @file The controls of a run (method.md section 4): refits, the same on the frozen random trunk, null, spectrum.
 *
 * An accuracy on random labels says little alone: width and sample size move it too. The controls say how much of it
 * any cloud of points of this width, or this trunk before training, would reach.
 */

import { controlPlaces } from "../../record/head-places.ts";
import type { Controls } from "../../record/run.ts";
import { Ridge, type RidgeFit, inMemory } from "./ridge.ts";
import type { Protocol } from "../../record/protocols.ts";
import type { Regularizers } from "../../record/regularizers.ts";
import {
  cloudOfSpectrum,
  cloudOfWidth,
  nullAccuracy,
} from "../../record/statistics/null-accuracy.ts";

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
  /** The same for the trunk at initialisation. */
  frozen: readonly TapFeatures[];
  /** Random labels of the m samples: draw 0 of the label space n, and redraw k, which no head met. */
  told(n: number): Int32Array;
  redraw(n: number, k: number): Int32Array;
  regularizers: Regularizers;
}

/** Measures representations; keeps its recorded programs, which taps, seeds and configurations share. */
export class ControlMeter {
  readonly #ridges = new Map<string, Ridge>();

  /** @throws Error when a feature is not finite: a diverged run has no controls. */
  measure(protocol: Protocol, request: ControlRequest): Controls {
    const { refit: plan, spectrum } = protocol.measures;
    const final = request.features.map((tap) => this.#tap(protocol, request, tap, true));
    const frozen = request.frozen.map((tap) => this.#tap(protocol, request, tap, false));
    return {
      refit: final.flatMap(({ refit }) => refit),
      frozen: frozen.flatMap(({ refit }) =>
        refit.map(({ tap, n, redraws }) => ({ tap, n, redraws })),
      ),
      null: final.flatMap(({ tap, width, refit, fit }) =>
        nullRungs(
          { samples: request.samples, width, eigenvalues: fit.eigenvalues!, penalty: plan.penalty },
          refit.map(({ n }) => n),
        ).map((rungs) => ({ tap, ...rungs })),
      ),
      spectrum: spectrumOf(final.at(-1)!.fit.eigenvalues!, spectrum.penalties),
    };
  }

  /** Frees what TensorFlow holds. */
  close(): void {
    for (const ridge of this.#ridges.values()) ridge.close();
    this.#ridges.clear();
  }

  #tap(
    protocol: Protocol,
    request: ControlRequest,
    { tap, values }: TapFeatures,
    isFinal: boolean,
  ) {
    const source = inMemory(values, request.samples);
    const { regularizers } = request;
    const places = controlPlaces(protocol, request.features.length, regularizers)
      .filter((place) => place.tap === tap)
      .map((place) =>
        isFinal ? place : { ...place, told: false, redraws: protocol.measures.refit.redraws },
      );
    const sets = places.flatMap(({ n, redraws, told }) => [
      ...(told ? [{ n, labels: request.told(n) }] : []),
      ...Array.from({ length: redraws }, (_, k) => ({ n, labels: request.redraw(n, k) })),
    ]);
    const ridge = this.#ridge(sets.length, protocol.measures.refit.penalty);
    const fit: RidgeFit = ridge.fit(source, sets, { spectrum: isFinal });
    let first = 0;
    const refit = places.map(({ n, redraws, told }) => {
      const counts = fit.correct.slice(first, (first += redraws + Number(told)));
      return {
        tap,
        n,
        told: told ? counts[0]! : null,
        redraws: told ? counts.slice(1) : counts,
      };
    });
    return { tap, width: source.width, fit, refit };
  }

  #ridge(sets: number, penalty: number): Ridge {
    const key = `${sets} ${penalty}`;
    if (!this.#ridges.has(key)) this.#ridges.set(key, new Ridge(sets, penalty));
    return this.#ridges.get(key)!;
  }
}

type Spectrum = Controls["spectrum"];

/**
 * Effective rank (Roy & Vetterli 2007: exp of the entropy of the normalised eigenvalues), participation ratio
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
    ridge: penalties.map((l) => ({ l, dimension: ridgeDimension(positive, l) })),
  };
}

/** Sum of e/(e + l): how many directions a ridge regression of penalty l uses. */
export function ridgeDimension(eigenvalues: Float64Array, l: number): number {
  return eigenvalues.reduce((total, e) => total + Math.max(e, 0) / (Math.max(e, 0) + l), 0);
}

/** What the null depends on besides the label space. */
interface Cloud {
  /** m and D. */
  samples: number;
  width: number;
  /** Of Z'Z/m. */
  eigenvalues: Float64Array;
  penalty: number;
}

/** The rungs of the null for each label space. */
export function nullRungs(
  { samples, width, eigenvalues, penalty }: Cloud,
  labelSpaces: readonly number[],
): Omit<Controls["null"][number], "tap">[] {
  const shapeless = cloudOfWidth(Math.min(width, samples - 1), samples);
  const shaped = cloudOfSpectrum(eigenvalues, penalty, samples);
  return labelSpaces.map((n) => {
    const spectrum = nullAccuracy(samples, n, shaped);
    return { n, width, counts: nullAccuracy(samples, n, shapeless), spectrum, leverages: spectrum };
  });
}

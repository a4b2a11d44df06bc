/**
 * @file The controls of a run (method.md section 4): refits, the same on the frozen random trunk, null, spectrum.
 *
 * An accuracy on random labels says little alone: width and sample size move it too. These say how much of it
 * any cloud of this width, or this trunk before training, would give.
 */

import type { Controls } from "../../record/run.ts";
import { labelSpacesAt, type ControlPlan } from "./control-plan.ts";
import { inMemory } from "./feature-source.ts";
import { nullControls } from "./null-control.ts";
import { Ridge, type RidgeFit } from "./ridge.ts";
import { ridgeDimension, spectrumOf } from "./spectrum.ts";

/** Features of the m training samples at one tap, counted from 1; `values` [m, D] row-major. */
export interface TapFeatures {
  tap: number;
  values: Float32Array;
}

export interface ControlRequest {
  /** m. */
  samples: number;
  /** After training, in evaluation mode: every tap in order of depth. */
  features: readonly TapFeatures[];
  /** The same of the trunk at initialisation. */
  frozen: readonly TapFeatures[];
  /** Random labels of the m samples, draw 0 of the label space n. */
  labels(n: number): Int32Array;
}

/** Measures representations; keeps its recorded programs, which taps, seeds and configurations share. */
export class ControlMeter {
  readonly #ridges = new Map<string, Ridge>();

  /** @throws Error when a feature is not finite: a diverged run has no controls. */
  measure(plan: ControlPlan, request: ControlRequest): Controls {
    const final = request.features.map((tap) => this.#tap(plan, request, tap, true));
    const frozen = request.frozen.map((tap) => this.#tap(plan, request, tap, false));
    return {
      refit: final.flatMap(({ refit }) => refit),
      frozen: frozen.flatMap(({ refit }) => refit),
      null: final.flatMap(({ tap, width, spaces, fit }) => {
        const dimension = ridgeDimension(fit.eigenvalues!, plan.penalty);
        return nullControls(tap, spaces, { samples: request.samples, width, dimension });
      }),
      spectrum: spectrumOf(final.at(-1)!.fit.eigenvalues!, plan.penalties),
    };
  }

  /** Frees what TensorFlow holds. */
  close(): void {
    for (const ridge of this.#ridges.values()) ridge.close();
    this.#ridges.clear();
  }

  #tap(
    plan: ControlPlan,
    request: ControlRequest,
    { tap, values }: TapFeatures,
    spectrum: boolean,
  ) {
    const source = inMemory(values, request.samples);
    const spaces = labelSpacesAt(plan, tap, request.features.length);
    const sets = spaces.map((n) => ({ n, labels: request.labels(n) }));
    const fit: RidgeFit = this.#ridge(sets.length, plan.penalty).fit(source, sets, { spectrum });
    const refit = spaces.map((n, i) => ({ tap, n, correct: fit.correct[i]! }));
    return { tap, width: source.width, spaces, fit, refit };
  }

  #ridge(sets: number, penalty: number): Ridge {
    const key = `${sets} ${penalty}`;
    if (!this.#ridges.has(key)) this.#ridges.set(key, new Ridge(sets, penalty));
    return this.#ridges.get(key)!;
  }
}

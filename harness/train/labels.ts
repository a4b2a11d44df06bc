/** @file The labels of one seed: random ones for every label space, and classes with label noise. */

import { hash } from "node:crypto";
import { randomLabels, type Sha256 } from "../../record/random-label.ts";
import { PURPOSE, uniform } from "../random.ts";
import { labelSpaces, type Plan } from "./plan.ts";
import type { Samples } from "./samples.ts";

/** Node's own SHA-256: several times faster than the portable one. */
const sha256: Sha256 = (text) => hash("sha256", text, "buffer");

type Kind = "random-label" | "unseen-label";

/** Random labels of a seed, drawn when first asked for. */
export class SeedLabels {
  readonly #plan: Plan;
  readonly #samples: Samples;
  readonly #seed: number;
  readonly #known = new Map<string, Int32Array>();

  constructor(plan: Plan, samples: Samples, seed: number) {
    this.#plan = plan;
    this.#samples = samples;
    this.#seed = seed;
  }

  /** One label for each training sample, [m]. */
  get(kind: Kind, n: number, draw: number): Int32Array {
    const key = `${kind}/${n}/${draw}`;
    let labels = this.#known.get(key);
    if (!labels) {
      const indices = this.#samples.trainIndices;
      labels = randomLabels({ seed: this.#seed, n, draw, indices, kind, sha256 });
      this.#known.set(key, labels);
    }
    return labels;
  }

  /** Every draw of a label space, int32 [m, draws]. */
  table(n: number): Int32Array {
    const { draws } = labelSpaces(this.#plan.heads).find((space) => space.n === n)!;
    const each = Array.from({ length: draws }, (_, draw) => this.get("random-label", n, draw));
    const table = new Int32Array(draws * each[0]!.length);
    for (const [draw, labels] of each.entries())
      for (const [i, label] of labels.entries()) table[i * draws + draw] = label;
    return table;
  }
}

/** Classes to train on: with probability `noise` another class, each of the others alike. */
export function noisyClasses(
  { trainClasses, trainIndices }: Samples,
  { regularizers: { noise }, protocol: { classes } }: Plan,
  key: number,
): Int32Array {
  if (noise === 0) return trainClasses;
  return trainClasses.map((own, row) => {
    const draw = (part: number) => uniform(key, PURPOSE.labelNoise, trainIndices[row]!, part);
    if (draw(0) >= noise) return own;
    return (own + 1 + Math.floor(draw(1) * (classes - 1))) % classes;
  });
}

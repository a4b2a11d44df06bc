/** @file What the random-label heads are, and what is measured at the end. */

import type { Protocol } from "../../../record/protocols.ts";
import { count } from "../numbers.ts";
import { type ProtocolField, field } from "./field.ts";
import { write } from "./write.ts";

export function headFields(protocol: Protocol): ProtocolField[] {
  const { headline, headRms, headOptimizer, measures } = protocol;
  return [
    field(
      "heads",
      write.heads(protocol.heads),
      "Sizes n of the label space, independent draws of the labels, and which taps are read.",
    ),
    field(
      "headline",
      `n = ${count(headline)}`,
      "Label space of the headline complexity, and the one that rl= acts on.",
    ),
    field(
      "headInput",
      "features / root mean square",
      "What a head reads: the scale of features is no hidden learning rate.",
    ),
    field(
      "headRms",
      `decay ${headRms.decay}, ε ${headRms.epsilon}`,
      "v ← decay · v + (1 − decay) · mean of z²; the head reads z / √(v + ε).",
    ),
    field(
      "headOptimizer",
      `SGD, momentum ${headOptimizer.momentum}`,
      "Of the heads alone: the same schedule, no weight decay, no clipping.",
    ),
    field(
      "measures.refit",
      `penalty ${measures.refit.penalty}, n up to ${count(measures.refit.largestN)}`,
      "Ridge regression on the frozen features: its penalty and the largest label space it is made for.",
    ),
    field(
      "measures.spectrum",
      write.list(measures.spectrum.penalties),
      "Penalties at which the features' ridge dimension is reported.",
    ),
  ];
}

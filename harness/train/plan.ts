/** @file Everything a training program needs to know, derived once from protocol and configuration. */

import { type Architecture, parseArchitecture, tapsOf } from "../../record/architecture.ts";
import { type Ablations, type Configuration, expandRecipe } from "../../record/configuration.ts";
import { type HeadPlace, frozenHeadDraws, headPlaces } from "../../record/head-places.ts";
import type { Protocol } from "../../record/protocols.ts";
import { type Regularizers, parseRegularizers } from "../../record/regularizers.ts";
import type { Tensor } from "../engine/tensorflow.ts";
import type { ExtraLossInputs } from "../model/network-exports.ts";
import type { ImageShape, Network, Trunk } from "../model/network.ts";

/** What a researcher's own files give; null without them. */
export interface OwnParts {
  trunk: ((net: Network, image: ImageShape, dropout: number) => Trunk) | null;
  /** A scalar. */
  loss: ((inputs: ExtraLossInputs) => Tensor) | null;
}

const NO_OWN_PARTS: OwnParts = { trunk: null, loss: null };

export interface TrainingPlan {
  protocol: Protocol;
  architecture: Architecture;
  regularizers: Regularizers;
  own: OwnParts;
  ablations: Ablations;
  /** Whether runs carry `RunMeasures`. */
  measures: boolean;
  /** Taps of the trunk, T. */
  taps: number;
  /** Every random-label head, in the order of the counts. */
  heads: HeadPlace[];
  /** Index in `heads` of the one that `rl=` acts on; null when lambda is 0. */
  regularizedHead: number | null;
  /** Draws of the heads on the frozen trunk (last tap, headline n), in the order of their counts; none without them. */
  frozenDraws: number[];
}

export function trainingPlan(
  protocol: Protocol,
  configuration: Configuration,
  own = NO_OWN_PARTS,
): TrainingPlan {
  const architecture = parseArchitecture(configuration.arch);
  const regularizers = expandRecipe(parseRegularizers(configuration.regs), protocol);
  const taps = tapsOf(configuration).length;
  const heads = headPlaces(protocol, taps);
  const { lambda, tap } = regularizers.randomLabel;
  const regularized = heads.findIndex(
    (head) => head.tap === (tap ?? taps) && head.n === protocol.headline && head.draw === 0,
  );
  return {
    protocol,
    architecture,
    regularizers,
    own,
    ablations: configuration.ablations,
    measures: configuration.measures,
    taps,
    heads,
    regularizedHead: lambda > 0 ? regularized : null,
    frozenDraws: frozenHeadDraws(protocol),
  };
}

/** Each label space in use, with its number of draws. */
export function labelSpaces(heads: readonly HeadPlace[]): { n: number; draws: number }[] {
  const draws = new Map<number, number>();
  for (const { n, draw } of heads) draws.set(n, Math.max(draws.get(n) ?? 0, draw + 1));
  return Array.from(draws, ([n, count]) => ({ n, draws: count }));
}

/** @file What a run of a cell takes: as measured in the runs that are there, else by a guide. */

import { deriveProtocol } from "../record/derived-protocol.ts";
import { findProtocol } from "../record/protocols.ts";
import type { Protocol } from "../record/protocols.ts";
import type { ReferenceCell } from "../record/replication/reference.ts";

/** Core-seconds of a run of micro-1 with one thread, measured on two slow cores (AMD EPYC, no AVX-512). */
const GUIDE: Readonly<Record<string, number>> = {
  ...{ "mlp-128": 15, "mlp-256": 20, "mlp-512": 33, "cnn-16": 56, "cnn-32": 140 },
  ...{ "vit-xs-8": 180, "wrn-16-1": 340 },
};

/** Of that, what does not grow with the number of images that are trained on: evaluation, above all. */
const FIXED = 0.3;

/** m. */
export function trainSamples(cell: Pick<ReferenceCell, "base" | "settings">): number {
  return samplesOf(protocolOf(cell));
}

export function protocolOf({ base, settings }: Pick<ReferenceCell, "base" | "settings">): Protocol {
  return deriveProtocol(findProtocol(base), settings);
}

/** Core-seconds of a run, before any of its kind was trained. */
export function guessedSeconds(cell: ReferenceCell): number {
  const images = (protocol: Protocol) => protocol.epochs * samplesOf(protocol);
  const growth = images(protocolOf(cell)) / images(findProtocol("micro-1"));
  return (GUIDE[cell.network] ?? GUIDE["cnn-16"]!) * (FIXED + (1 - FIXED) * growth);
}

/** CIFAR-10's own number where a protocol takes all. */
function samplesOf({ subset, classes }: Protocol): number {
  return subset === null ? 50_000 : subset.perClass * classes;
}

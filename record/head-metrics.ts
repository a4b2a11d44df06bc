/** @file How well each random-label head knows its labels. */

import { parseArchitecture } from "./architecture.ts";
import { headPlaces, isSamePlace, regularizedPlace } from "./head-places.ts";
import type { HeadMetrics } from "./metrics-schema.ts";
import type { Protocol } from "./protocol.ts";
import { normalizedAccuracy } from "./normalized-accuracy.ts";
import { parseRegularizers } from "./regularizers.ts";
import type { Run } from "./run.ts";
import { tapCount } from "./taps.ts";

export { normalizedAccuracy };

/** B = log2 n - L/ln 2: memorised bits per sample, from the mean cross-entropy L in nats. */
export function memorisedBits(loss: number, n: number): number {
  return Math.log2(n) - loss / Math.LN2;
}

/** One entry per head of the protocol, in its order; of a diverged run only `online` is known. */
export function headMetrics(run: Run, protocol: Protocol): HeadMetrics[] {
  const taps = tapCount(parseArchitecture(run.arch));
  const regularized = regularizedPlace(parseRegularizers(run.regs), protocol, taps);
  const lastEpoch = run.epochs.at(-1);
  return headPlaces(protocol, taps).map((place, i) => {
    const head = run.heads?.[i];
    const online = lastEpoch?.online[i] ?? null;
    const final = head ? head.final / run.trainSamples : null;
    return {
      ...place,
      regularized: isSamePlace(place, regularized),
      online: online === null ? null : online / lastEpoch!.seen,
      final,
      normalized: final === null ? null : normalizedAccuracy(final, place.n),
      bits: head ? memorisedBits(head.lossSum / run.trainSamples, place.n) : null,
      unseen: head ? head.unseen / run.trainSamples : null,
      counts: {
        online,
        final: head?.final ?? null,
        unseen: head?.unseen ?? null,
      },
    };
  });
}

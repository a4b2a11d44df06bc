/** @file What two runs must not share: the counts nobody can come to twice by chance. */

import { canonicalDigest } from "../canonical-digest.ts";
import type { Run } from "../run.ts";

/**
 * SHA-256, in hexadecimal, of a run's integer counts; null for a diverged run, which may have hardly any.
 *
 * Equal for two runs of the same protocol, configuration and seed on bit-identical engines; equal for two
 * others only when one was copied. Losses and times are left out, as they can be nudged unseen.
 */
export function countsDigest(run: Run): string | null {
  const known = digests.get(run);
  if (known !== undefined) return known;
  const digest = computedDigest(run);
  digests.set(run, digest);
  return digest;
}

/** A run never changes, and is asked about several times while its statement is accepted. */
const digests = new WeakMap<Run, string | null>();

function computedDigest(run: Run): string | null {
  const { status, epochs, final, heads, controls } = run;
  if (status === "diverged" || !final || !heads || !controls) return null;
  const counts = {
    epochs: epochs.map(({ seen, correct, online }) => [seen, correct, ...online]),
    final: [final.trainCorrect, final.trainCleanCorrect, final.testCorrect],
    heads: heads.map((head) => [head.final, head.unseen]),
    refits: [...controls.refit, ...controls.frozen].map(({ correct }) => correct),
  };
  return canonicalDigest(counts);
}

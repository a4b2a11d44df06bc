/** @file The runs of a statement with the digest of their counts: nobody comes to them twice by chance. */

import type { Run } from "../../record/run.ts";
import { countsDigest } from "../../record/statement/counts-digest.ts";
import type { Measurement } from "../../record/statement/measurement.ts";

export interface CountedRun {
  run: Run;
  /** RFC 6901, into the statement. */
  pointer: string;
  digest: string;
}

/** Diverged runs are left out: they may be alike. */
export function countedRuns({ panel, fresh }: Pick<Measurement, "panel" | "fresh">): CountedRun[] {
  const runs = [
    ...panel.map((run, i) => ({ run, pointer: `/panel/${i}` })),
    ...fresh.map((run, i) => ({ run, pointer: `/fresh/${i}` })),
  ];
  return runs.flatMap(({ run, pointer }) => {
    const digest = countsDigest(run);
    return digest === null ? [] : [{ run, pointer, digest }];
  });
}

/** @file The runs of a statement with the digest of their counts: nobody comes to them twice by chance. */

import type { Run } from "../../record/run.ts";
import { countsDigest } from "../../record/statement/run-problems.ts";
import type { Measurement } from "../../record/statement/statements.ts";

export interface CountedRun {
  run: Run;
  part: "panel" | "fresh";
  /** RFC 6901, into the statement. */
  pointer: string;
  digest: string;
}

/** Diverged runs are left out: they may be alike. */
export function countedRuns({ panel, fresh }: Pick<Measurement, "panel" | "fresh">): CountedRun[] {
  const runs = [
    ...panel.map((run, i) => ({ run, part: "panel" as const, pointer: `/panel/${i}` })),
    ...fresh.map((run, i) => ({ run, part: "fresh" as const, pointer: `/fresh/${i}` })),
  ];
  return runs.flatMap((each) => {
    const digest = countsDigest(each.run);
    return digest === null ? [] : [{ ...each, digest }];
  });
}

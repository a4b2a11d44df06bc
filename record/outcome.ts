/** @file What is known of one configuration: the document that `--json` prints. */

import { z } from "zod";
import { runMetrics } from "./metrics.ts";
import { RunMetrics } from "./metrics-schema.ts";
import type { Protocol } from "./protocol.ts";
import { protocolId } from "./protocols.ts";
import { Digest, type Run } from "./run.ts";
import { summarize } from "./summary.ts";
import { Summary } from "./summary-schema.ts";

export const Outcome = z.strictObject({
  protocol: z.string(),
  protocolId: Digest,
  arch: z.string(),
  regs: z.string(),
  /** Of trunk and class head. */
  params: z.int().min(0),
  runs: z.array(RunMetrics),
  summary: Summary,
});
export type Outcome = z.infer<typeof Outcome>;

/** @param runs of one configuration, at least one. */
export function outcome(runs: readonly [Run, ...Run[]], protocol: Protocol): Outcome {
  const [{ arch, regs, params }] = runs;
  return {
    protocol: protocol.name,
    protocolId: protocolId(protocol),
    arch,
    regs,
    params,
    runs: runs.map((run) => runMetrics(run, protocol)),
    summary: summarize(runs, protocol),
  };
}

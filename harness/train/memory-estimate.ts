/** @file Estimates how much memory the runs of a configuration will take, before anything is allocated. */

import { readsImageFiles } from "../../record/datasets.ts";
import type { Protocol } from "../../record/protocols.ts";
import { decodersBytes } from "../data/decoder-processes.ts";
import { AHEAD } from "./samples.ts";
import { stepsPerEpoch } from "../../record/head-places.ts";
import { peakBytes, variableBytes } from "../engine/memory.ts";
import { callSizes, trainingProgram } from "./training-program.ts";
import type { TrainingPlan } from "./plan.ts";

/** TensorFlow, Node and what both hold besides values; measured: 0.5 to 1.1 GiB with small networks. */
const BASE_BYTES = 0.8 * 2 ** 30;
/** Factor for fragmentation and the workspace of convolutions; measured: 1.0 to 1.2. */
const SLACK = 1.2;

export interface MemoryEstimate {
  /** Parameters of trunk and class head. */
  parameters: number;
  /** Peak resident memory of one worker with its decoders, within about a third. */
  bytes: number;
}

/** @param samples number of samples in each split. */
export function estimateMemory(
  plan: TrainingPlan,
  samples: { train: number; test: number },
): MemoryEstimate {
  const { protocol } = plan;
  const steps = Math.max(1, stepsPerEpoch(protocol, samples.train));
  const sizes = callSizes(plan, steps);
  const build = (batch: number) =>
    trainingProgram(
      { ...plan, protocol: { ...protocol, batch } },
      { ...sizes, evaluateBatch: batch },
    );
  const { program, network } = build(1);
  const peak = peakBytes((batch) => build(batch).program, {
    train: protocol.batch,
    calibrate: protocol.batch,
    "embed-frozen": protocol.batch,
    "evaluate-train": sizes.evaluateBatch,
    "evaluate-test": sizes.evaluateBatch,
    "evaluate-frozen": sizes.evaluateBatch,
    "classify-train": sizes.evaluateBatch,
  });
  const variables = variableBytes(program.variables, ({ name }) =>
    name.startsWith("test") ? samples.test : samples.train,
  );
  // The trained trunk's features of every tap, and the frozen one's, for the controls: float32.
  const widths = network.trunk.tapWidths.reduce((sum, width) => sum + width, 0);
  const features = 2 * 4 * samples.train * widths;
  const { height, width, channels } = protocol.image;
  const isFloat = typeof protocol.dataset !== "string" && protocol.dataset.values === "float32";
  const image = sizes.streamed ? 0 : height * width * channels * (isFloat ? 4 : 1);
  const images = (samples.train + samples.test) * image;
  const painted = plan.regularizers.canary > 0 ? samples.train * image : 0;
  return {
    parameters: network.net.size,
    bytes: Math.round(
      BASE_BYTES +
        SLACK * (peak + variables) +
        features +
        2 * images +
        painted +
        decoding(protocol),
    ),
  };
}

/** The decoders; the batch at work, and as many as are asked for ahead: one of them in the decoders, or on its way. */
function decoding(protocol: Protocol): number {
  if (!readsImageFiles(protocol)) return 0;
  const { height, width, channels } = protocol.image;
  return decodersBytes() + (2 + AHEAD) * protocol.batch * height * width * channels;
}

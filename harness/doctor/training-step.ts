/** @file The computations of the self-test: one training step of a tiny network, and the rates of two operations. */

import { createHash } from "node:crypto";
import { runEagerly } from "../engine/eager-session.ts";
import { recordProgram } from "../engine/recorded-session.ts";
import { type Tensor, type Values, tf } from "../engine/tensorflow.ts";
import { hash32 } from "../../record/random.ts";
import type { Step } from "./engine-questions.ts";
import { conv2d, product } from "../engine/ops/activation.ts";
import { normal } from "../engine/ops/graph-random.ts";
import { Program, type Session } from "../engine/program.ts";
import {
  type Ablations,
  NO_ABLATIONS,
  canonicalConfiguration,
} from "../../record/configuration.ts";
import { type Protocol, protocols } from "../../record/protocols.ts";
import { type OwnParts, trainingPlan } from "../train/plan.ts";
import type { CustomCode } from "../../record/custom-code.ts";
import { residentSamples } from "../train/samples.ts";
import { Trainer } from "../train/trainer.ts";

/** Covers much of the method in one step: augmentation, dropout, weight decay, a gradient through a frozen head. */
const REGULARIZERS = "aug,dropout=0.2,wd=0.005,rl=1";

const SEED = 3;

/** Values sent for each tensor: enough to show a difference, few enough for a pipe. */
const SAMPLE = 2000;

export async function trainingStep(arch: string, how: "graph" | "eager"): Promise<Step> {
  const start = performance.now();
  const open = how === "graph" ? recordProgram : runEagerly;
  const trainer = tinyTrainer(arch, REGULARIZERS, { open });
  try {
    trainer.start(SEED);
    for await (const _ of trainer.train(0, 0, 1));
    const state = trainer.built.state;
    const values = trainer.session.read(state);
    const seconds = (performance.now() - start) / 1000;
    const floats = state.flatMap(({ name, dtype }, i) =>
      dtype === "float32" ? [{ name, values: sampled(values[i]!) }] : [],
    );
    return { arch, seconds, digest: digest(values), tensors: floats };
  } finally {
    trainer.close();
  }
}

/** Values from scattered positions: a fixed stride would hit the same channel again and again. */
function sampled(values: Values): Float32Array {
  if (values.length <= SAMPLE) return Float32Array.from(values);
  return Float32Array.from({ length: SAMPLE }, (_, i) => values[hash32(SEED, i) % values.length]!);
}

function digest(tensors: readonly Values[]): string {
  const hash = createHash("sha256");
  for (const values of tensors) hash.update(values);
  return hash.digest("hex");
}

const SIDE = 16;

/** Images of noise, which are only compared with themselves. */
const split = (count: number, key: number) => ({
  images: Uint8Array.from({ length: count * SIDE * SIDE * 3 }, (_, i) => hash32(key, i) & 255),
  labels: Uint8Array.from({ length: count }, (_, i) => i % 10),
});

const dataset = { train: split(40, 1), test: split(20, 2) };

/** A training task small enough to try every architecture in seconds: micro-1's rules on 40 made-up images. */
export function tinyProtocol(changes: Partial<Protocol> = {}): Protocol {
  const image = { height: SIDE, width: SIDE, channels: 3 };
  const own = { name: "micro-1+custom", image, batch: 8, subset: null, epochs: 2 };
  return { ...protocols["micro-1"]!, ...own, ...changes };
}

export interface TinyOptions {
  protocol?: Protocol;
  ablations?: Partial<Ablations>;
  /** Custom code, and what the configuration says of it. */
  own?: OwnParts;
  code?: CustomCode;
  measures?: boolean;
  stepsPerCall?: number;
  open?: (program: Program) => Session;
}

/** A trainer that has not started any seed; to be closed by the caller. */
export function tinyTrainer(arch: string, regs: string, options: TinyOptions = {}): Trainer {
  const { protocol = tinyProtocol(), stepsPerCall = 1, open = recordProgram } = options;
  const configuration = canonicalConfiguration(protocol, {
    arch,
    regs,
    seeds: [1],
    threads: 1,
    engine: "cpu",
    limit: null,
    save: [],
    measures: options.measures ?? false,
    ablations: { ...NO_ABLATIONS, ...options.ablations },
    ...options.code,
  });
  const plan = trainingPlan(protocol, configuration, options.own);
  const sizes = { stepsPerCall, evaluateBatch: 16, streamed: false };
  return new Trainer(plan, residentSamples(dataset, protocol), { ...sizes, open });
}

interface RateTask {
  /** Shapes of the value that passes through the chain, and of the weights that it is multiplied by. */
  input: number[];
  weights: number[];
  apply: (x: Tensor, weights: Tensor) => Tensor;
  /** Operations in one application, a multiplication and an addition counted as two. */
  flops: number;
  /** Terms in each sum; random weights divided by its square root preserve the values' scale. */
  terms: number;
}

const RATE_TASKS: Record<"matmul" | "convolution", RateTask> = {
  /** 1024 x 1024 matrices. */
  matmul: {
    input: [1024, 1024],
    weights: [1024, 1024],
    apply: (x, weights) => product(x, weights),
    flops: 2 * 1024 ** 3,
    terms: 1024,
  },
  /** 3x3, 64 to 64 channels, 32 images of 32 x 32. */
  convolution: {
    input: [32, 32, 32, 64],
    weights: [3, 3, 64, 64],
    apply: (x, weights) => conv2d(x, weights),
    flops: 2 * 32 * 32 ** 2 * 9 * 64 ** 2,
    terms: 9 * 64,
  },
};

/** Applications in one call, each waiting for the one before, so that the cost of a call is negligible. */
const CHAIN = 8;

const LEAST_CALLS = 3;
const MILLISECONDS = 1000;

/** GFLOP/s of the median call. */
export function measureRate(work: keyof typeof RATE_TASKS): number {
  const { input, weights, apply, flops, terms } = RATE_TASKS[work];
  const program = new Program();
  const [x, w] = [program.variable("x", input), program.variable("weights", weights)];
  program.define("fill", { key: { shape: [2], dtype: "int32" } }, ({ key }, scope) => {
    scope.assign(x, normal(input, key!));
    scope.assign(w, tf.mul(normal(weights, key!), 1 / Math.sqrt(terms)));
    return {};
  });
  program.define("apply", {}, (_, scope) => {
    let y = scope.read(x);
    for (let i = 0; i < CHAIN; i++) y = apply(y, scope.read(w));
    return { sum: tf.sum(y) };
  });
  const session = recordProgram(program);
  try {
    session.run("fill", { key: Int32Array.of(1, 2) });
    session.run("apply"); // optimizes the graph
    return (CHAIN * flops) / medianSeconds(() => session.run("apply")) / 1e9;
  } finally {
    session.close();
  }
}

function medianSeconds(call: () => unknown): number {
  const seconds: number[] = [];
  const begun = performance.now();
  while (seconds.length < LEAST_CALLS || performance.now() - begun < MILLISECONDS) {
    const start = performance.now();
    call();
    seconds.push((performance.now() - start) / 1000);
  }
  return seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)]!;
}

/** @file A training task small enough to try every architecture in seconds: micro-1's rules on 40 made-up images. */

import {
  type Ablations,
  NO_ABLATIONS,
  canonicalConfiguration,
} from "../../record/configuration.ts";
import { type Protocol, protocols } from "../../record/protocols.ts";
import type { Program, Session } from "../engine/program.ts";
import { recordProgram } from "../engine/recorded-session.ts";
import { hash32 } from "../random.ts";
import { trainingPlan } from "../train/plan.ts";
import { residentSamples } from "../train/samples.ts";
import { Trainer } from "../train/trainer.ts";

const SIDE = 16;

/** Noise for pixels: it is only ever compared with itself. */
const split = (count: number, key: number) => ({
  images: Uint8Array.from({ length: count * SIDE * SIDE * 3 }, (_, i) => hash32(key, i) & 255),
  labels: Uint8Array.from({ length: count }, (_, i) => i % 10),
});
const dataset = { train: split(40, 1), test: split(20, 2) };

export function tinyProtocol(changes: Partial<Protocol> = {}): Protocol {
  const image = { height: SIDE, width: SIDE, channels: 3 };
  const own = { name: "micro-1+custom", image, batch: 8, subset: null, epochs: 2 };
  return { ...protocols["micro-1"]!, ...own, ...changes };
}

export interface TinyOptions {
  protocol?: Protocol;
  ablations?: Partial<Ablations>;
  stepsPerCall?: number;
  open?: (program: Program) => Session;
}

/** A trainer that has not started any seed; close it. */
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
    ablations: { ...NO_ABLATIONS, ...options.ablations },
  });
  const plan = trainingPlan(protocol, configuration);
  const sizes = { stepsPerCall, evaluateBatch: 16, streamed: false };
  return new Trainer(plan, residentSamples(dataset, protocol), { ...sizes, open });
}

/**
 * @file What will be tested of the papers' claims, decided before any run of it: plan.json, whose words are
 * docs/replication-plan.md. A verdict reads this and runs, nothing else.
 */

import { z } from "zod";
import { QUANTITIES } from "./quantities.ts";
import plan from "./plan.json" with { type: "json" };

/** Changes of the protocol, as `--set` takes them; none: the protocol itself. */
const Settings = z.array(z.string());
const Quantity = z.enum(QUANTITIES);

/** weight times a quantity of the run with these regularizers, for each shared seed. */
const Term = z.strictObject({
  settings: Settings,
  regs: z.string(),
  quantity: Quantity,
  weight: z.number(),
});

/**
 * The same of the best of several: each half of the shared seeds (odd places, even places) takes the regularizers of
 * `among` whose mean is highest on the other half, at `chosenAt`; of equal means the first.
 */
const Selected = z.strictObject({
  among: z.array(z.string()).min(2),
  chosenAt: Settings,
  settings: Settings,
  quantity: Quantity,
  weight: z.number(),
});

/** weight times Kendall's tau-b of two quantities over these cells, for each shared seed. */
const Ranks = z.strictObject({
  cells: z.array(z.strictObject({ settings: Settings, regs: z.string() })).min(3),
  x: Quantity,
  y: Quantity,
  weight: z.number(),
});

/** constant + terms + selected + ranks, seed by seed: positive where the claim is right, which says that its mean is above `margin`. */
const Contrast = z.strictObject({
  claim: z.string().regex(/^[TQ]\d+$/),
  /** Holm's procedure is over all contrasts of a family, every network's. */
  family: z.enum(["papers", "questions"]),
  networks: z.array(z.string()).min(1),
  margin: z.number().min(0),
  constant: z.number(),
  terms: z.array(Term),
  selected: z.array(Selected),
  ranks: z.array(Ranks).default([]),
});

const Plan = z.strictObject({
  version: z.int().min(1),
  protocol: z.string(),
  /** Of a family. */
  alpha: z.number().positive().max(1),
  /** For each network how many seeds, from 1: the protocol's panel, and those that `--seeds panel+K` adds. */
  seeds: z.record(z.string(), z.int().min(5)),
  contrasts: z.array(Contrast).min(1),
});

export const replicationPlan: z.infer<typeof Plan> = Plan.parse(plan);

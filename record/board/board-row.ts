/** @file One row of a board. */

import { z } from "zod";
import { Digest } from "../run.ts";
import { PublicKey } from "../signature/ed25519.ts";
import { Engine, Machine } from "../statement/measurement.ts";
import { Estimate } from "../summary-schema.ts";
import { RANKED, type Ranked } from "./board-columns.ts";
import { Note } from "./note.ts";
import { Standing } from "./standing.ts";

const Count = z.int().min(0);

export const Rank = z.strictObject({
  /** 1 + configurations significantly better, N - configurations significantly worse. */
  low: z.int().min(1),
  high: z.int().min(1),
  /** Of equal intervals, from 1. */
  tier: z.int().min(1),
});
export type Rank = z.infer<typeof Rank>;

export const Signer = z.strictObject({
  key: PublicKey,
  /** Chosen by the key, erasable; null without one. */
  name: z.string().max(60).nullable(),
});
export type Signer = z.infer<typeof Signer>;

export const BoardRow = z.strictObject({
  /** The result's statement id. */
  entry: Digest,
  signer: Signer,
  arch: z.string(),
  regs: z.string(),
  /** Does the result carry the source of an architecture of its own? */
  custom: z.boolean(),
  params: Count,
  /** Means over all runs with 95 % t-intervals; null where a run lacks the number. */
  numbers: z.strictObject({
    ...(Object.fromEntries(RANKED.map((name) => [name, Estimate])) as Record<
      Ranked,
      typeof Estimate
    >),
    frozenComplexity: Estimate,
    nullComplexity: Estimate,
    seconds: Estimate,
  }),
  /** `2 of 8 diverged`; null when none did. */
  divergence: z.string().nullable(),
  panel: Count,
  fresh: Count,
  standing: Standing,
  notes: z.array(Note),
  engine: Engine,
  machine: Machine,
  receivedAt: z.iso.datetime(),
  /** Does it stand for its configuration in ranks and statistics, which weigh each configuration once? */
  counted: z.boolean().default(true),
  /** The entry that does, where that is another one; null where this one is hidden, too. */
  representedBy: Digest.nullable().default(null),
  /** Of its configuration among those of the board, in the sorted column; null where it has no ranks. */
  rank: Rank.nullable(),
});
export type BoardRow = z.infer<typeof BoardRow>;

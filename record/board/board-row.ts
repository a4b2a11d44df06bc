/** @file One row of a board. */

import { z } from "zod";
import { CustomCode } from "../custom-code.ts";
import { Digest } from "../run.ts";
import { PublicKey } from "../signature/ed25519.ts";
import { Engine, Machine } from "../statement/statements.ts";
import { Estimate, Summary } from "../summary.ts";
import {
  CONTROL_NUMBERS,
  type ControlNumber,
  RANKED,
  type Ranked,
  SORTS,
} from "./board-columns.ts";
import { HIDDEN_STATES, Standing, State } from "./standing.ts";
import { CUSTOM_VIEWS } from "./states.ts";
import { Device } from "../datasets.ts";
import { digits } from "../strict-json.ts";

const Count = z.int().min(0);

export const Rank = z.strictObject({
  /** 1 + configurations significantly better, N - configurations significantly worse. */
  low: z.int().min(1),
  high: z.int().min(1),
  /** Tier of equal intervals, from 1. */
  tier: z.int().min(1),
});

export type Rank = z.infer<typeof Rank>;

export const Signer = z.strictObject({
  key: PublicKey,
  /** Chosen by the key, erasable; null without one. */
  name: z.string().max(60).nullable(),
});

export type Signer = z.infer<typeof Signer>;

/** Oddities that refuse nothing but are published on the row (trust.md section 4). */
const NOTE_KINDS = [
  /** Same protocol, configuration, seeds and counts as another entry. */
  "bit-identical",
  /** Counts that were listed under another protocol, configuration or seed before. */
  "same-counts",
  /** A configuration that differs from an earlier one of the same holder by next to nothing. */
  "near-duplicate",
  /** Panel and fresh runs differ by a test at .01. */
  "panel-minus-fresh",
  /** Fractions of a second or losses that repeat where they should not. */
  "repeated-fractions",
  /** Faster or slower than the declared hardware allows. */
  "wall-time",
  /** The harness's checkout had changed files. */
  "dirty-checkout",
  /** A note by the operator. */
  "operator",
] as const;

export const Note = z.strictObject({
  kind: z.enum(NOTE_KINDS),
  /** One sentence. */
  text: z.string().min(1).max(600),
  /** The other entry it speaks of. */
  entry: Digest.nullable(),
});

export const BoardRow = z.strictObject({
  /** The result's statement id. */
  entry: Digest,
  signer: Signer,
  arch: z.string(),
  regs: z.string(),
  /** Does the result carry the source of an architecture or a regularizer of its own? Then it has a rank only where asked. */
  custom: z.boolean(),
  /** The whole digests of its sources, and the taps that it declares; null without any. */
  code: CustomCode.nullable().default(null), // a server of an older version sends none
  params: Count,
  /** Means over all runs with 95 % t-intervals; null where a run lacks the number. */
  numbers: z.strictObject({
    ...(Object.fromEntries(
      [...RANKED, ...CONTROL_NUMBERS].map((name) => [name, Estimate]),
    ) as Record<Ranked | ControlNumber, typeof Estimate>),
  }),
  /** What the equivalent width is, where a run's is a bound only. */
  equivalentWidthBound: Summary.shape.equivalentWidthBound,
  /** Exact two-sided p of the told labelling's rank sum; null where it is not measured. */
  selectivityP: Summary.shape.selectivityP,
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
  /** Rank of its configuration among those of the board, in the sorted column; null where there is none. */
  rank: Rank.nullable(),
});

export type BoardRow = z.infer<typeof BoardRow>;

export type Note = z.infer<typeof Note>;

/** A page of a board and the query it answers. */
const MOST_ROWS = 200;

/** The query string. Several values of a filter are separated by commas, those of `regs`, which have commas themselves, by semicolons. */
export const BoardQuery = z.strictObject({
  sort: z.enum(SORTS).default("learnedComplexity"),
  /** Order of the sorted column; rows without the number come last in both. */
  order: z.enum(["ascending", "descending"]).default("ascending"),
  limit: digits(1, MOST_ROWS).default(50),
  /** `next` of the page before. */
  after: z.string().max(200).optional(),
  arch: z.string().max(2000).optional(),
  regs: z.string().max(2000).optional(),
  key: PublicKey.optional(),
  device: Device.optional(),
  /** Only these; hidden states are shown when they are named. */
  state: z.string().max(200).optional(),
  /** What becomes of rows with custom code: shown without a rank, left out, or ranked among the others. */
  custom: z.enum(CUSTOM_VIEWS).default("shown"),
});

export type BoardQuery = z.infer<typeof BoardQuery>;

export const BoardPage = z.strictObject({
  protocol: z.strictObject({ id: Digest, name: z.string() }),
  sort: z.enum(SORTS),
  order: z.enum(["ascending", "descending"]),
  custom: z.enum(CUSTOM_VIEWS).default("shown"), // a server of an older version sends none
  /** Rows that the filters let through, on all pages. */
  total: z.int().min(0),
  /** Entries of the board that are not shown unless asked for. */
  hidden: z.strictObject(
    Object.fromEntries(HIDDEN_STATES.map((state) => [state, z.int().min(0)])) as Record<
      (typeof HIDDEN_STATES)[number],
      z.ZodInt
    >,
  ),
  /** Leaves of the log that the page has in it, at least: one that came while it was computed may be shown. */
  logSize: z.int().min(0),
  rows: z.array(BoardRow),
  /** For `after`; null on the last page. */
  next: z.string().nullable(),
});

export type BoardPage = z.infer<typeof BoardPage>;

/** A filter's list of states; null for one that is not known. */
export function parseStates(text: string): State[] | null {
  const parsed = z.array(State).safeParse(text.split(","));
  return parsed.success ? parsed.data : null;
}

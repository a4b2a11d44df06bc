/** @file A page of a board and the query it answers. */

import { z } from "zod";
import { Device } from "../device.ts";
import { Digest } from "../run.ts";
import { PublicKey } from "../signature/ed25519.ts";
import { SORTS } from "./board-columns.ts";
import { BoardRow } from "./board-row.ts";
import { digits } from "../whole-number.ts";
import { HIDDEN_STATES, State } from "./standing.ts";

export const MOST_ROWS = 200;

/** As it stands behind the question mark; several values of a filter are separated by commas, of `regs`, which has commas itself, by semicolons. */
export const BoardQuery = z.strictObject({
  sort: z.enum(SORTS).default("complexity"),
  /** Of the sorted column; rows without the number come last in both. */
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
});
export type BoardQuery = z.infer<typeof BoardQuery>;

export const BoardPage = z.strictObject({
  protocol: z.strictObject({ id: Digest, name: z.string() }),
  sort: z.enum(SORTS),
  order: z.enum(["ascending", "descending"]),
  /** Rows that the filters let through, on all pages. */
  total: z.int().min(0),
  /** Entries of the board that are not shown unless asked for. */
  hidden: z.strictObject(
    Object.fromEntries(HIDDEN_STATES.map((state) => [state, z.int().min(0)])) as Record<
      (typeof HIDDEN_STATES)[number],
      z.ZodInt
    >,
  ),
  /** Leaves of the log that the page is computed from. */
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

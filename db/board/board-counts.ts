/** @file How many entries a board has, kept beside it so that no page counts them. */

import { and, count, eq, lt } from "drizzle-orm";
import { STATES, type State } from "../../record/board/standing.ts";
import type { Reader } from "../db.ts";
import { entries } from "../schema.ts";

type Device = (typeof DEVICES)[number];
const DEVICES = ["cpu", "cuda"] as const;

/** By state and device, separated by a space; nothing stands for zero. */
export type BoardCounts = Partial<Record<`${State} ${Device}`, number>>;

/** Of the first `size` entries of a protocol. */
export async function countEntries(
  db: Reader,
  protocol: string,
  size: number,
): Promise<BoardCounts> {
  const rows = await db
    .select({ state: entries.state, device: entries.device, count: count() })
    .from(entries)
    .where(and(eq(entries.protocol, protocol), lt(entries.number, size)))
    .groupBy(entries.state, entries.device)
    .orderBy(entries.state, entries.device);
  return Object.fromEntries(rows.map((row) => [`${row.state} ${row.device}`, row.count]));
}

/** @param device both unless given. */
export function countIn(
  counts: BoardCounts,
  states: readonly State[] = STATES,
  device?: Device,
): number {
  const devices = device === undefined ? DEVICES : [device];
  return states
    .flatMap((state) => devices.map((each) => counts[`${state} ${each}`] ?? 0))
    .reduce((sum, value) => sum + value, 0);
}

/** @file How many entries a board has, kept beside it so that no page counts them. */

import { and, count, eq, gte, lt } from "drizzle-orm";
import { STATES, type State } from "../../record/board/standing.ts";
import { DEVICES, type Device } from "../../record/datasets.ts";
import type { Reader } from "../db.ts";
import { entries } from "../schema.ts";
import type { RefreshedRow } from "./refreshed-rows.ts";

/** By state and device, separated by a space; nothing stands for zero. */
export type BoardCounts = Partial<Record<`${State} ${Device}`, number>>;

/** Of the entries of a protocol with the numbers from `from` to below `to`. */
export async function countEntries(
  db: Reader,
  protocol: string,
  { from, to }: { from: number; to: number },
): Promise<BoardCounts> {
  const rows = await db
    .select({ state: entries.state, device: entries.device, count: count() })
    .from(entries)
    .where(and(eq(entries.protocol, protocol), gte(entries.number, from), lt(entries.number, to)))
    .groupBy(entries.state, entries.device)
    .orderBy(entries.state, entries.device);
  return Object.fromEntries(rows.map((row) => [`${row.state} ${row.device}`, row.count]));
}

/** Once some of the first `size` entries changed their states: nobody counts all of them again. */
export function movedCounts(
  counts: BoardCounts,
  rows: readonly Pick<RefreshedRow, "number" | "device" | "earlier" | "state">[],
  size: number,
): BoardCounts {
  const counted = rows.filter(({ number }) => number < size);
  return counted.reduce(
    (sum, { device, earlier, state }) =>
      addedCounts(addedCounts(sum, { [`${earlier} ${device}`]: -1 }), {
        [`${state} ${device}`]: 1,
      }),
    counts,
  );
}

export function addedCounts(counts: BoardCounts, others: BoardCounts): BoardCounts {
  const sum = { ...counts };
  for (const [name, value] of Object.entries(others) as [keyof BoardCounts, number][])
    sum[name] = (sum[name] ?? 0) + value;
  return sum;
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

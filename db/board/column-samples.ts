/** @file The numbers of all entries of a board, column by column: flat, as there may be very many. */

import { and, asc, eq, gte } from "drizzle-orm";
import { RANKED, type Ranked } from "../../record/board/board-columns.ts";
import type { State } from "../../record/board/standing.ts";
import type { Sample } from "../../record/welch.ts";
import type { Reader } from "../db.ts";
import { entries } from "../schema.ts";
import { isHidden } from "./refreshed-rows.ts";

/** Entries read at a time. */
const BATCH = 5000;

export interface ColumnSamples {
  /** How many entries; by their numbers from 0. */
  size: number;
  /** Null where an entry is hidden or lacks the number. */
  samples(column: Ranked): (Sample | null)[];
}

/** Mean, variance and count, one behind the other. */
const WIDTH = 3;

/** @param changed states that are not stored yet, by entry number. */
export async function columnSamples(
  db: Reader,
  protocol: string,
  changed: ReadonlyMap<number, State>,
): Promise<ColumnSamples> {
  const flat = Object.fromEntries(RANKED.map((name) => [name, [] as Float64Array[]]));
  let size = 0;
  for (;;) {
    const batch = await readBatch(db, protocol, size);
    for (const name of RANKED) {
      const numbers = new Float64Array(WIDTH * batch.length);
      for (const [i, row] of batch.entries()) {
        const mean = isHidden(changed.get(row.number) ?? row.state) ? null : row[`${name}Mean`];
        numbers.set([mean ?? NaN, row[`${name}Variance`] ?? NaN, row.runs], WIDTH * i);
      }
      flat[name]!.push(numbers);
    }
    size += batch.length;
    if (batch.length < BATCH) break;
  }
  return { size, samples: (name) => flat[name]!.flatMap(samplesIn) };
}

/** Numbers have no gaps, so the next batch begins where this one ends. */
function readBatch(db: Reader, protocol: string, from: number) {
  const means = Object.fromEntries(
    RANKED.flatMap((name) =>
      ([`${name}Mean`, `${name}Variance`] as const).map((column) => [column, entries[column]]),
    ),
  ) as Pick<typeof entries, `${Ranked}Mean` | `${Ranked}Variance`>;
  return db
    .select({ number: entries.number, state: entries.state, runs: entries.runs, ...means })
    .from(entries)
    .where(and(eq(entries.protocol, protocol), gte(entries.number, from)))
    .orderBy(asc(entries.number))
    .limit(BATCH);
}

function samplesIn(numbers: Float64Array): (Sample | null)[] {
  return Array.from({ length: numbers.length / WIDTH }, (_, i) => {
    const [mean, variance, count] = numbers.subarray(WIDTH * i, WIDTH * (i + 1));
    return Number.isNaN(mean) ? null : { mean: mean!, variance: variance!, count: count! };
  });
}

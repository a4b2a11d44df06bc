/** @file The numbers of all entries of a board, column by column: flat, as there may be very many. */

import { and, asc, eq, gte } from "drizzle-orm";
import { RANKED, type Ranked } from "../../record/board/board-columns.ts";
import { protocolId, protocols } from "../../record/protocols.ts";
import { breath } from "../breath.ts";
import { isUncounted } from "../entry-tables.ts";
import type { Reader } from "../db.ts";
import { entries } from "../schema.ts";
import { GrowingNumbers } from "./growing-numbers.ts";
import { WIDTH } from "./rank-column.ts";

/** Entries read at a time: few, as PGlite answers nobody else meanwhile. */
const BATCH = 500;

export interface ColumnSamples {
  /** How many entries; by their numbers from 0. */
  size: number;
  /**
   * Mean, variance and count of each, one behind the other; the mean is NaN where it lacks the number, or does not
   * stand for its configuration.
   */
  numbers(column: Ranked): Float64Array;
  /** Of each entry that another one stands for: its number, and the other's. */
  shared: [number: number, representative: number][];
}

/** What is read of an entry never changes, so a server reads each once. */
const known = new WeakMap<Reader, Map<string, GrowingNumbers<Ranked>>>();

function knownOf(db: Reader, protocol: string): GrowingNumbers<Ranked> {
  const boards = known.get(db) ?? new Map<string, GrowingNumbers<Ranked>>();
  const columns = boards.get(protocol) ?? new GrowingNumbers(RANKED, WIDTH);
  boards.set(protocol, columns);
  known.set(db, boards);
  return columns;
}

/** Before there is anything to rank, so that the first write after a start is shown as soon as later ones. */
export async function readAhead(db: Reader): Promise<void> {
  for (const protocol of Object.values(protocols).map(protocolId))
    await readNewEntries(db, protocol, knownOf(db, protocol));
}

/** @param changed representatives that are not stored yet, by entry number. */
export async function columnSamples(
  db: Reader,
  protocol: string,
  changed: ReadonlyMap<number, number | null>,
): Promise<ColumnSamples> {
  const columns = knownOf(db, protocol);
  await readNewEntries(db, protocol, columns);
  const { size } = columns;
  const uncounted = (await uncountedEntries(db, protocol, changed)).filter(
    ({ number }) => number < size,
  );
  return {
    size,
    shared: uncounted.flatMap(({ number, representative }) =>
      representative === null ? [] : [[number, representative]],
    ),
    numbers(column) {
      const numbers = columns.copy(column, size);
      for (const { number } of uncounted) numbers[WIDTH * number] = NaN;
      return numbers;
    },
  };
}

/** Numbers have no gaps, so the next batch begins where this one ends. */
async function readNewEntries(
  db: Reader,
  protocol: string,
  columns: GrowingNumbers<Ranked>,
): Promise<void> {
  for (;;) {
    const from = columns.size;
    const batch = await readBatch(db, protocol, from);
    if (columns.size === from)
      for (const row of batch)
        columns.add((name) => [row[`${name}Mean`] ?? NaN, row[`${name}Variance`] ?? NaN, row.runs]);
    if (batch.length < BATCH) return;
    await breath(); // requests are answered meanwhile
  }
}

function readBatch(db: Reader, protocol: string, from: number) {
  const means = Object.fromEntries(
    RANKED.flatMap((name) =>
      ([`${name}Mean`, `${name}Variance`] as const).map((column) => [column, entries[column]]),
    ),
  ) as Pick<typeof entries, `${Ranked}Mean` | `${Ranked}Variance`>;
  return db
    .select({ runs: entries.runs, ...means })
    .from(entries)
    .where(and(eq(entries.protocol, protocol), gte(entries.number, from)))
    .orderBy(asc(entries.number))
    .limit(BATCH);
}

/** Those that do not stand for their configurations: hidden ones, and those that another one stands for. */
async function uncountedEntries(
  db: Reader,
  protocol: string,
  changed: ReadonlyMap<number, number | null>,
): Promise<{ number: number; representative: number | null }[]> {
  const { number, representative } = entries;
  const stored = await db
    .select({ number, representative })
    .from(entries)
    .where(and(eq(entries.protocol, protocol), isUncounted(entries)));
  const now = Array.from(changed, ([number, representative]) => ({ number, representative }));
  return [
    ...stored.filter((each) => !changed.has(each.number)),
    ...now.filter((each) => each.representative !== each.number),
  ];
}
